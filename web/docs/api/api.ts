/**
 * Takes the API page as it was built; gives it its colours and its search. A search hides the members and the sections that
 * hold none of its words. Asks nothing of the network.
 */
import { applyTheme, rememberedTheme, setTheme, type Theme } from "../../studio/widgets/theme.ts";

const theme = document.querySelector<HTMLSelectElement>("#theme");
const search = document.querySelector<HTMLInputElement>("#search");
const found = document.querySelector<HTMLElement>("#found");

/** Shows the sections that match: those whose own text has every word, else those of their members that do. */
function show(words: readonly string[]): void {
  const matches = (text: string) => words.every((word) => text.toLowerCase().includes(word));
  let members = 0;
  for (const group of document.querySelectorAll<HTMLElement>(".group")) {
    let shown = false;
    for (const section of group.querySelectorAll<HTMLElement>(".declaration")) {
      const all = matches(section.id);
      let some = all || matches(section.querySelector("p")?.textContent ?? "");
      for (const member of section.querySelectorAll<HTMLElement>(".member")) {
        const matching = all || matches(member.textContent ?? "");
        member.hidden = !matching;
        if (matching) members += 1;
        some ||= matching;
      }
      section.hidden = !some;
      shown ||= some;
    }
    group.hidden = !shown;
  }
  if (found) found.textContent = words.length === 0 ? "" : `${members} found`;
}

applyTheme();
if (theme) theme.value = rememberedTheme();
theme?.addEventListener("change", () => setTheme(theme.value as Theme));
search?.addEventListener("input", () => show(search.value.toLowerCase().split(/\s+/).filter(Boolean)));
// A link to a hidden section shows all again.
window.addEventListener("hashchange", () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!search || target === null || target.closest("[hidden]") === null) return;
  search.value = "";
  show([]);
  target.scrollIntoView();
});
