/**
 * Takes a lesson's page; sets its colours, remembers the chosen language, and gives life to its parts.
 */
import { registerHere } from "../service-worker/own-pages.ts";
import { setLanguage } from "../studio/i18n/language.ts";
import { applyTheme, rememberedTheme, setTheme, type Theme } from "../studio/widgets/theme.ts";
import { chooseRows } from "./parts/choose-rows.ts";
import { neighbours } from "./parts/neighbours.ts";
import { questions } from "./parts/questions.ts";
import { requests } from "./parts/requests.ts";
import { tokens } from "./parts/tokens.ts";

const PARTS: Record<string, (element: HTMLElement) => void> = {
  "choose-rows": chooseRows,
  neighbours,
  print: (button) => button.addEventListener("click", () => print()),
  questions,
  requests,
  tokens,
};

applyTheme();
const theme = document.querySelector<HTMLSelectElement>("#theme");
if (theme) theme.value = rememberedTheme();
theme?.addEventListener("change", () => setTheme(theme.value as Theme));
// A link, so that it works without a script: the choice is what the front page goes by.
document
  .querySelector<HTMLAnchorElement>("#language")
  ?.addEventListener("click", ({ currentTarget }) =>
    setLanguage((currentTarget as HTMLAnchorElement).lang.slice(0, 2)),
  );
// Wide tables and code scroll within themselves, and the keyboard reaches them.
for (const wide of document.querySelectorAll(".scroll")) {
  wide.setAttribute("tabindex", "0");
  if (wide.localName === "pre") continue;
  wide.setAttribute("role", "group");
  wide.setAttribute("aria-label", wide.querySelector("caption")?.textContent ?? "");
}
for (const element of document.querySelectorAll<HTMLElement>("[data-part]"))
  PARTS[element.dataset.part ?? ""]?.(element);
registerHere("../../service-worker.js");
