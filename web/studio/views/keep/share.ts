/**
 * What step 6 offers to share a model: a snippet, a starter folder and a lesson, each with its size. Shows `state.share`;
 * making is in actions/share.ts.
 */
import { makeShared, readLibrary, type SharedKind } from "../../actions/share.ts";
import { type Shared, snippetOf } from "../../data/project/share-pages.ts";
import { field, h, refill } from "../../widgets/dom.ts";
import { download } from "../../widgets/download.ts";
import { failureBox, failureLine } from "../../widgets/failure.ts";
import { block } from "../../widgets/layout.ts";
import type { Studio } from "../view.ts";
import { codeBlock } from "./code.ts";

const FILES: Record<SharedKind, string> = { starter: "my-page.zip", lesson: "my-lesson.zip" };

export function shareBlock(studio: Studio): HTMLElement {
  const { store, t, language, say, signal } = studio;
  const { info } = store.state.model;
  const { parts } = store.state.data;
  if (store.state.use.pairs) return block(t.share.title, h("p", { class: "notice-line" }, t.share.pairs));
  const sharedAs = (mode: Shared["mode"]): Shared => ({
    title: store.state.share.title?.trim() || t.share.defaultName,
    lang: language === "zh" ? "zh-Hans" : "en",
    src: "model/",
    mode,
    fallback: t.share.fallback,
  });
  const name = h("input", {
    type: "text",
    maxlength: 200,
    value: store.state.share.title ?? t.share.defaultName,
    oninput: () => store.patch("share", { title: name.value }),
  });
  const teachable = parts !== undefined && !parts.pairs && !parts.multiLabel;
  const mode = (kind: SharedKind): Shared["mode"] =>
    kind === "lesson" && teachable ? store.state.share.lesson : "use";
  const make = async (kind: SharedKind): Promise<void> => {
    const zip = await makeShared(store, kind, sharedAs(mode(kind)), t.share.readme);
    const { error } = store.state.share;
    if (error) say(failureLine(t, error));
    if (!zip) return;
    say(t.share.made);
    download(zip, FILES[kind]);
  };
  const offer = (kind: SharedKind) => {
    const button = h("button", { type: "button", id: `share-${kind}`, onclick: () => void make(kind) });
    return { kind, button, size: h("p", { class: "help", id: `share-${kind}-size` }) };
  };
  const offers = (["starter", "lesson"] as const).map(offer);
  const [starter, lesson] = offers as [(typeof offers)[number], (typeof offers)[number]];
  const snippet = h("div", { class: "stack" });
  const failed = h("div");
  let shown = "";
  store.on(
    ["share", "keep"],
    ({ share, keep }) => {
      const library = Object.values(share.library ?? {}).reduce((sum, bytes) => sum + bytes, 0);
      const weights = (info?.parameters ?? 0) * (keep.dtype === "f16" ? 2 : 4);
      for (const { kind, button, size } of offers) {
        button.setAttribute("aria-disabled", String(share.making !== undefined));
        button.textContent = share.making === kind ? t.share.making : t.share[kind];
        size.textContent = library > 0 ? t.share.size(library + weights) : "";
      }
      const code = snippetOf(sharedAs("use"));
      if (code !== shown) refill(snippet, ...codeBlock(studio, t.share.snippet, code, "copy-snippet"));
      shown = code;
      refill(failed, failureBox(t, share.error));
    },
    signal,
  );
  void readLibrary(store);
  const kinds = (["use", "teach"] as const).map((kind) =>
    h(
      "label",
      { class: "pill tall", for: `lesson-${kind}` },
      h("input", {
        type: "radio",
        name: "lesson-kind",
        id: `lesson-${kind}`,
        checked: store.state.share.lesson === kind,
        onchange: () => store.patch("share", { lesson: kind }),
      }),
      h("span", {}, t.share.kinds[kind]),
    ),
  );
  return block(
    t.share.title,
    h("p", {}, t.share.help),
    field("share-title", t.share.name, name),
    h("h3", {}, t.share.starterTitle),
    h("p", {}, t.share.starterHelp),
    starter.size,
    h("div", { class: "actions" }, starter.button),
    h("h3", {}, t.share.snippetTitle),
    h("p", {}, t.share.snippetHelp),
    snippet,
    h("h3", {}, t.share.lessonTitle),
    h("p", {}, t.share.lessonHelp),
    teachable &&
      h(
        "fieldset",
        { class: "plain" },
        h("legend", {}, t.share.lessonKind),
        h("div", { class: "pills" }, ...kinds),
      ),
    lesson.size,
    h("div", { class: "actions" }, lesson.button),
    failed,
  );
}
