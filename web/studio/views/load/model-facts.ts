/**
 * Takes the loaded model; gives its facts, and the tensors that its file lacks or has too many.
 */
import type { Dictionary } from "../../i18n/en.ts";
import { isolated } from "../../i18n/isolated.ts";
import type { ModelState } from "../../state/model.ts";
import { h } from "../../widgets/dom.ts";

export function facts(t: Dictionary, { info }: ModelState): HTMLElement | false {
  if (!info) return false;
  const device = info.device === "webgpu" ? `WebGPU${info.adapter ? `, ${info.adapter}` : ""}` : t.load.cpu;
  const pairs: [string, string][] = [
    [
      t.load.facts.device,
      info.autoReason ? t.load.facts.because(device, t.load.autoReason(info.autoReason)) : device,
    ],
    [t.load.facts.architecture, info.architecture],
    [t.load.facts.size, t.load.facts.sizeText(info.layers, info.hiddenSize, info.heads)],
    [t.load.facts.parameters, t.load.facts.parametersText(info.parameters, info.checkpointBytes)],
    [t.load.facts.vocabulary, t.load.facts.vocabularyText(info.vocabSize)],
    [t.load.facts.pooling, t.poolings[info.pooling]],
  ];
  return h(
    "dl",
    { class: "facts" },
    ...pairs.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
  );
}

/** The tensors that the file lacks or has too many, in plain words. */
export function fit(t: Dictionary, { info, ownLabels }: ModelState): HTMLElement | false {
  if (!info) return false;
  const list = (names: readonly string[]): HTMLElement | false =>
    names.length > 0 &&
    h(
      "details",
      {},
      h("summary", {}, t.load.fit.names),
      h("ul", { class: "examples" }, ...names.map((name) => h("li", {}, h("code", {}, name)))),
    );
  return h(
    "ul",
    { class: "fit" },
    ownLabels
      ? h(
          "li",
          {},
          t.load.fit.ownHead(ownLabels.length),
          h("p", { class: "help" }, ownLabels.slice(0, 12).map(isolated).join(" · ")),
        )
      : h("li", {}, t.load.fit.noHead),
    info.newTensors.length > 0 &&
      h("li", {}, t.load.fit.added(info.newTensors.length), list(info.newTensors)),
    info.unusedTensors.length > 0
      ? h("li", {}, t.load.fit.unused(info.unusedTensors.length), list(info.unusedTensors))
      : h("li", {}, t.load.fit.allUsed),
  );
}
