/**
 * The tag's shadow tree: the page's slots, and the views between them. Made anew for another language; else it follows the
 * state.
 */
import { h } from "../../studio/widgets/dom.ts";
import type { Desk } from "../state.ts";
import { failure, faults, progress } from "./parts.ts";
import type { teachView as TeachView } from "./teach.ts";
import { useView } from "./use.ts";

export interface Frame {
  elements: HTMLElement[];
  live: HTMLElement;
  /** The text that is typed, to keep it. */
  text: HTMLTextAreaElement;
  update(): void;
  drawCards(): void;
}

/** Without `teachView`, the tag cannot be taught. */
export function frame(desk: Desk, typed: string, teachView: typeof TeachView | undefined): Frame {
  const { t } = desk;
  const loadButton = (text: string) =>
    h("button", { type: "button", part: "button load", onclick: () => desk.load() }, text);
  const load = loadButton(t.load);
  const live = h("p", { role: "status", class: "away" });
  const fallback = h("slot");
  const wrong = faults(desk);
  const teach = teachView?.(desk);
  const use = useView(desk, typed);
  const keepButton = h(
    "button",
    { type: "button", part: "button keep", onclick: () => desk.download() },
    t.keep,
  );
  const keepError = failure(desk, "keep");
  const saving = progress(desk, ["saving"]);
  const keep = h(
    "section",
    { class: "stack", part: "keep" },
    h("div", { class: "row" }, keepButton),
    saving.element,
    keepError.element,
  );
  const parts = [
    wrong,
    failure(desk, "load", loadButton(t.retry)),
    progress(desk, ["loading"]),
    ...(teach ? [teach] : []),
    use,
    keepError,
    saving,
  ];
  const [, loadError, loading] = parts as [typeof wrong, typeof wrong, typeof wrong];
  const all = h(
    "div",
    { class: "stack", part: "frame" },
    h("slot", { name: "title" }),
    h("slot", { name: "intro" }),
    wrong.element,
    loadError.element,
    load,
    loading.element,
    fallback,
    ...(teach ? [teach.element] : []),
    use.element,
    keep,
    h("slot", { name: "footer" }),
    live,
  );
  return {
    elements: [all],
    live,
    text: use.text,
    drawCards: () => teach?.drawCards(),
    update() {
      const { phase, askable, info } = desk.now;
      load.hidden = phase !== "waiting" || desk.settings.src === undefined;
      fallback.hidden = phase !== "failed" && desk.settings.src !== undefined;
      keep.hidden = desk.settings.keep === "none" || !askable || info === undefined;
      for (const part of parts) part.update();
    },
  };
}
