/**
 * Takes a piece of code; shows it with a button that copies it.
 */
import { fill, h } from "../../widgets/dom.ts";
import type { Studio } from "../view.ts";

export function codeBlock({ t, say }: Studio, label: string, text: string, id: string): HTMLElement[] {
  const code = h("pre", { tabindex: 0, role: "group", "aria-label": label }, h("code", {}, text));
  const copy = h("button", { type: "button", id }, t.keep.copy);
  copy.addEventListener("click", async () => {
    try {
      // Missing on a page that is not secure, and refused at times.
      await navigator.clipboard.writeText(text);
      fill(copy, t.keep.copied);
      say(t.keep.copied);
    } catch {
      getSelection()?.selectAllChildren(code);
      fill(copy, t.keep.selected);
      say(t.keep.selected);
    }
  });
  return [code, h("div", { class: "actions" }, copy)];
}
