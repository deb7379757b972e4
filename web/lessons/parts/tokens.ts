/**
 * Takes what a pupil types; shows at once the tokens that the lessons' model reads, each with its number.
 */
import { fill, h } from "../../studio/widgets/dom.ts";
import { WordPiece } from "./wordpiece.ts";
import { words } from "./words.ts";

export function tokens(part: HTMLElement): void {
  const input = part.querySelector<HTMLInputElement>("input");
  if (input === null) return;
  const list = h("ol", { class: "tokens", "aria-label": words.tokensOf });
  const status = h("p", { role: "status" });
  part.append(list, status);
  const show = (model: WordPiece): void => {
    const found = model.tokens(input.value);
    const item = ({ text, id }: { text: string; id: number }) =>
      h(
        "li",
        { class: text === "[UNK]" ? "unknown" : false },
        h("span", {}, text),
        h("span", { class: "number" }, id),
      );
    fill(list, ...found.map(item));
    status.textContent = words.tokenCount(found.length, found.filter(({ text }) => text === "[UNK]").length);
  };
  vocabulary(part.dataset.tokenizer ?? "").then(
    (model) => {
      input.addEventListener("input", () => show(model));
      for (const button of part.querySelectorAll<HTMLButtonElement>("button[data-text]"))
        button.addEventListener("click", () => {
          input.value = button.dataset.text ?? "";
          show(model);
        });
      show(model);
    },
    (error) => {
      status.textContent = words.failed(error.message);
    },
  );
}

async function vocabulary(address: string): Promise<WordPiece> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: HTTP ${response.status}`);
  return new WordPiece((await response.json()).model.vocab);
}
