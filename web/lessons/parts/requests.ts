/**
 * Shows what the page asked of the network since a press, as the browser's own record has it. The record is the page's:
 * requests of its workers are in the browser's Network panel only, which the lesson says.
 */
import { fill, h } from "../../studio/widgets/dom.ts";
import { words } from "./words.ts";

export function requests(part: HTMLElement): void {
  const button = part.querySelector("button");
  if (button === null) return;
  const status = h("p", { role: "status" });
  const list = h("ul", { class: "requests" });
  part.append(status, list);
  let found: string[] = [];
  let counting = false;
  const show = (): void => {
    status.textContent = words.requestCount(found.length);
    fill(list, ...found.map((address) => h("li", {}, address)));
  };
  new PerformanceObserver((record) => {
    if (!counting) return;
    found.push(...record.getEntries().map(({ name }) => name));
    show();
  }).observe({ type: "resource" });
  button.addEventListener("click", () => {
    counting = true;
    found = [];
    show();
  });
}
