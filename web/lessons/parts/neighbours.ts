/**
 * Takes what a pupil types; shows the examples of the page's classifier whose vectors are nearest to the text's, by the
 * cosine, as a chart that is a table.
 */
import { fill, h } from "../../studio/widgets/dom.ts";
import { type Tag, tagOfPage } from "./classifier.ts";
import { words } from "./words.ts";

const SHOWN = 5;

interface Example {
  text: string;
  label: string;
}

export function neighbours(part: HTMLElement): void {
  const form = part.querySelector("form");
  const input = part.querySelector<HTMLInputElement>("input");
  if (form === null || input === null) return;
  const status = h("p", { role: "status" });
  const result = h("div", {
    class: "scroll",
    tabindex: 0,
    role: "group",
    "aria-label": words.nearest("…"),
    hidden: true,
  });
  part.append(status, result);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const text = input.value.trim();
      const tag = tagOfPage() as Tag & { rows: readonly Example[] };
      const { classifier, rows } = tag;
      status.textContent =
        text === ""
          ? words.empty
          : classifier === undefined
            ? words.loading
            : rows.length === 0
              ? words.noRows
              : "";
      if (status.textContent !== "" || classifier === undefined) return;
      const [own, ...others] = await classifier.embed([text, ...rows.map((row) => row.text)]);
      const near = rows
        .map((row, index) => ({
          ...row,
          closeness: cosine(own as Float32Array, others[index] as Float32Array),
        }))
        .sort((a, b) => b.closeness - a.closeness)
        .slice(0, SHOWN);
      status.textContent = words.nearest(text);
      result.hidden = false;
      fill(result, chart(text, near));
    } catch (error) {
      status.textContent = words.failed((error as Error).message);
    }
  });
}

function chart(text: string, near: readonly (Example & { closeness: number })[]): HTMLElement {
  const head = [words.example, words.label, words.closeness].map((word) => h("th", { scope: "col" }, word));
  const line = ({ text, label, closeness }: Example & { closeness: number }) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, text),
      h("td", {}, label),
      h(
        "td",
        {},
        h("meter", { min: 0, max: 1, value: closeness, "aria-hidden": true }),
        ` ${Math.round(100 * closeness)}`,
      ),
    );
  return h(
    "table",
    {},
    h("caption", { class: "visually-hidden" }, words.nearest(text)),
    h("thead", {}, h("tr", {}, ...head)),
    h("tbody", {}, ...near.map(line)),
  );
}

function cosine(a: Float32Array, b: Float32Array): number {
  let [product, lengthA, lengthB] = [0, 0, 0];
  for (const [index, x] of a.entries()) {
    const y = b[index] ?? 0;
    product += x * y;
    lengthA += x * x;
    lengthB += y * y;
  }
  return product / Math.sqrt(lengthA * lengthB);
}
