/**
 * Takes a group of choices, each a file of examples with the method that suits it; gives the chosen one to the page's
 * classifier, and shows its examples as a table to be read.
 */
import Papa from "papaparse";
import { fill, h } from "../../studio/widgets/dom.ts";
import { giveRows } from "./classifier.ts";
import { words } from "./words.ts";

const chinese = document.documentElement.lang.startsWith("zh");

interface Row {
  text: string;
  label: string;
  /** What the English text means, shown in a Chinese lesson. */
  meaning?: string;
}

export function chooseRows(group: HTMLElement): void {
  const status = h("p", { role: "status" });
  const list = h("div", { class: "stack" });
  group.append(status, list);
  const choose = async (input: HTMLInputElement, told: boolean): Promise<void> => {
    const { value, dataset } = input;
    try {
      const response = await fetch(value);
      if (!response.ok) throw new Error(`${value}: HTTP ${response.status}`);
      const { data } = Papa.parse<Row>(await response.text(), { header: true, skipEmptyLines: true });
      // Another was chosen while this one came.
      if (!input.checked) return;
      if (told) {
        giveRows(value, dataset.method ?? "centroid");
        status.textContent = words.rows(counts(data));
      }
      fill(list, ...table(data));
    } catch (error) {
      status.textContent = words.failed((error as Error).message);
    }
  };
  const inputs = [...group.querySelectorAll<HTMLInputElement>("input[type=radio]")];
  for (const input of inputs) input.addEventListener("change", () => void choose(input, true));
  const first = inputs.find(({ checked }) => checked);
  if (first) void choose(first, false);
}

function counts(rows: readonly Row[]): string {
  const labels = [...new Set(rows.map(({ label }) => label))];
  return labels.map((label) => `${label} ${rows.filter((row) => row.label === label).length}`).join(", ");
}

/** One list for each label, so that what its examples share can be seen. */
function table(rows: readonly Row[]): HTMLElement[] {
  return [...new Set(rows.map(({ label }) => label))].map((label) => {
    const own = rows.filter((row) => row.label === label);
    return h(
      "details",
      {},
      h("summary", {}, `${label} (${own.length})`),
      h(
        "ol",
        { class: "examples" },
        ...own.map(({ text, meaning = "" }) =>
          h(
            "li",
            {},
            h("span", { lang: "en" }, text),
            chinese && h("span", { class: "help" }, ` ${meaning}`),
          ),
        ),
      ),
    );
  });
}
