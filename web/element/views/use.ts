/**
 * Where a text is typed and its labels are shown. The page's own examples stand below the text: a button among them fills
 * it in.
 */
import { fill, h } from "../../studio/widgets/dom.ts";
import type { Desk } from "../state.ts";
import { bars, failure, type Part, progress, verdict } from "./parts.ts";

export function useView(desk: Desk, typed: string): Part & { text: HTMLTextAreaElement } {
  const { t } = desk;
  const text = h("textarea", {
    id: "text",
    rows: 3,
    part: "text",
    "aria-describedby": "text-help",
    value: typed,
  });
  const why = h("p", { class: "soft", id: "why-not" });
  const button = h(
    "button",
    { type: "button", class: "primary", part: "button classify", "aria-describedby": "why-not" },
    t.classify,
  );
  const reason = (): string | undefined => {
    const { phase, askable, info } = desk.now;
    if (info !== undefined && !askable) return t.askFirst.teach;
    if (phase === "failed") return t.failed;
    return text.value.trim() === "" ? t.askFirst.empty : undefined;
  };
  const ask = (): void => {
    if (desk.now.disabled || reason() !== undefined) {
      desk.say(reason() ?? "");
      text.focus();
    } else desk.ask(text.value);
  };
  button.addEventListener("click", ask);
  // An answer is that of the text above it.
  text.addEventListener("input", () => desk.forget());
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    ask();
  });
  const examples = h("slot", { name: "examples" });
  examples.addEventListener("click", (event) => {
    const pressed = (event.target as Element).closest<HTMLElement>("button");
    if (!pressed || desk.now.disabled) return;
    text.value = pressed.dataset.text ?? pressed.textContent ?? "";
    desk.forget();
    ask();
  });
  const result = h("div", { class: "stack", part: "result" });
  const error = failure(desk, "use");
  const work = progress(desk, ["classifying"]);
  let shown: unknown;
  const element = h(
    "section",
    { class: "stack", part: "use", "aria-label": t.classify },
    h("label", { for: "text" }, t.text),
    text,
    examples,
    h("div", { class: "row" }, button, h("span", { class: "soft", id: "text-help" }, t.textHelp)),
    why,
    work.element,
    error.element,
    result,
  );
  const part = {
    element,
    text,
    update() {
      const { settings, now } = desk;
      element.hidden = settings.src === undefined || (settings.mode === "teach" && !now.askable);
      const { teach } = t.askFirst;
      const found = reason();
      button.setAttribute("aria-disabled", String(now.disabled || found !== undefined));
      text.disabled = now.disabled;
      why.textContent = found === teach ? teach : "";
      error.update();
      work.update();
      if (now.prediction === shown) return;
      shown = now.prediction;
      fill(
        result,
        now.prediction && h("p", { class: "verdict" }, verdict(t, now.prediction)),
        now.prediction && bars(t, now.prediction),
      );
    },
  };
  return part;
}
