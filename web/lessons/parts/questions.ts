/**
 * Takes a table of texts, each with the label that a person gives it; adds a button that asks the page's classifier
 * about all of them, and shows what it says beside each.
 */
import { fill, h } from "../../studio/widgets/dom.ts";
import { CHOSEN, learned, tagOfPage } from "./classifier.ts";
import { words } from "./words.ts";

export function questions(table: HTMLElement): void {
  const rows = [...table.querySelectorAll<HTMLTableRowElement>("tr[data-label]")];
  const texts = rows.map((row) => row.querySelector("th")?.firstChild?.textContent?.trim() ?? "");
  const status = h("p", { role: "status" });
  const clear = (): void => {
    for (const row of rows) row.querySelector(".says")?.replaceChildren();
    status.textContent = "";
  };
  // What it said before it learned anew would mislead.
  for (const event of ["bertlet-end", CHOSEN]) tagOfPage().addEventListener(event, clear);
  const ask = async (): Promise<void> => {
    clear();
    const classifier = learned();
    if (classifier === undefined) {
      status.textContent = words.trainFirst;
      return;
    }
    try {
      const answers = await classifier.classify(texts);
      // Other examples were chosen meanwhile.
      if (learned() !== classifier) return;
      let correct = 0;
      for (const [index, row] of rows.entries()) {
        const { label = "", score = 0 } = answers[index] ?? {};
        const right = label === row.dataset.label;
        if (right) correct++;
        const cell = row.querySelector(".says");
        if (cell)
          fill(
            cell,
            `${label} ${Math.round(100 * score)}% `,
            h("strong", { class: right ? "right" : "wrong" }, right ? words.right : words.wrong),
          );
      }
      status.textContent = words.summary(correct, rows.length);
    } catch (error) {
      status.textContent = words.failed((error as Error).message);
    }
  };
  const button = h(
    "button",
    { type: "button", class: "ask", onclick: () => void ask() },
    words.ask(rows.length),
  );
  (table.closest(".scroll") ?? table).after(h("div", { class: "actions screen" }, button, status));
}
