/**
 * Step 1: choose a checkpoint and a device, and see what was loaded. Shows `state.model`; the work is in
 * actions/model.ts.
 */
import { probe } from "../../../src/index.ts";
import { openAdapter } from "../../actions/adapters.ts";
import { lookAtDefaultModel } from "../../actions/default-model.ts";
import { cancelLoading, DEFAULT_MODEL, openModel } from "../../actions/model.ts";
import { areOfAdapter } from "../../data/adapter-files.ts";
import { sourceFromFiles } from "../../data/checkpoint-files.ts";
import { namesIn } from "../../data/zip-names.ts";
import type { Dictionary } from "../../i18n/en.ts";
import { PageError, toFailure } from "../../i18n/messages.ts";
import type { DeviceChoice, ModelState } from "../../state/model.ts";
import { progressBar } from "../../widgets/bars.ts";
import { fill, h } from "../../widgets/dom.ts";
import { failureBox, failureLine } from "../../widgets/failure.ts";
import { dropZone, filePicker } from "../../widgets/files.ts";
import { block } from "../../widgets/layout.ts";
import { adapterOpener } from "../adapters.ts";
import { mayLeave } from "../project/ask.ts";
import { goOnPart } from "../project/go-on.ts";
import { modelName, nextLink, type Studio, type View } from "../view.ts";
import { facts, fit } from "./model-facts.ts";
import { remotePart } from "./remote.ts";

export const loadStep: View = (studio) => {
  const { store, t, say, signal } = studio;
  const mayLoad = (): boolean => mayLeave(studio);
  const open = (make: () => { source: Parameters<typeof openModel>[1]; name: string }): void => {
    try {
      if (!mayLoad()) return;
      const { source, name } = make();
      void openModel(store, source, name);
    } catch (error) {
      // Nothing has changed yet: a model already loaded stays.
      store.patch("model", { error: toFailure(error) });
    }
  };
  const onFiles = async (files: File[]): Promise<void> => {
    const ofAdapter = areOfAdapter(await namesIn(files));
    if (ofAdapter && store.state.model.phase === "ready") void openAdapter(store, files);
    else
      open(() => {
        if (ofAdapter) throw new PageError("missing-file", (words) => words.adapters.alone);
        return sourceFromFiles(files);
      });
  };
  const loadIt = h("button", {
    type: "button",
    class: "primary",
    id: "load-default",
    onclick: () => open(() => ({ source: DEFAULT_MODEL, name: t.load.defaultName })),
  });
  if (store.state.model.phase === "none") void lookAtDefaultModel(store);
  store.on(
    ["bench"],
    ({ bench: { defaultModel } }) =>
      fill(loadIt, t.load.defaultButton(defaultModel.bytes, defaultModel.kept)),
    signal,
  );
  const status = h("div", { class: "result" });
  let announced: ModelState["phase"] | undefined;
  let failed = store.state.model.error;
  store.on(
    ["model"],
    ({ model }) => {
      if (model.phase === "loading" && status.firstElementChild?.classList.contains("loading"))
        showProgress(status, t, model);
      else fill(status, ...statusOf(studio, model));
      if (announced !== undefined && announced !== model.phase) {
        if (model.phase === "ready") say(t.load.saidReady(modelName(t, model)));
        // The outcome may be below the visible part of the page.
        status.scrollIntoView({ block: "nearest" });
      }
      if (announced !== undefined && model.error && model.error !== failed) say(failureLine(t, model.error));
      failed = model.error;
      announced = model.phase;
    },
    signal,
  );
  return [
    goOnPart(studio),
    h(
      "div",
      { class: "choices" },
      h(
        "div",
        { class: "stack" },
        h(
          "section",
          { class: "choice" },
          h("h2", {}, t.load.defaultTitle),
          h("p", {}, t.load.defaultText),
          loadIt,
        ),
        devices(studio),
      ),
      h(
        "section",
        { class: "choice" },
        h("h2", {}, t.load.ownTitle),
        dropZone(
          t.load.drop,
          (files) => void onFiles(files),
          h(
            "div",
            { class: "row" },
            filePicker(
              t.load.pickFiles,
              { id: "model-files", multiple: true },
              (files) => void onFiles(files),
            ),
            filePicker(
              t.load.pickFolder,
              { id: "model-folder", folder: true },
              (files) => void onFiles(files),
            ),
          ),
        ),
        remotePart(studio, mayLoad),
      ),
    ),
    status,
    adapterOpener(studio),
  ];
};

/** The choice of the device, with what this browser supports. */
function devices({ store, t, signal }: Studio): HTMLElement {
  const found = h("p", { class: "help", id: "device-found" });
  const options = (["auto", "webgpu", "wasm"] as const).map((device) => {
    const radio = h("input", {
      type: "radio",
      name: "device",
      id: `device-${device}`,
      value: device,
      checked: store.state.device === device,
      "aria-describedby": "device-found",
      onchange: () => store.set({ device: device satisfies DeviceChoice }),
    });
    return h("label", { class: "pill", for: `device-${device}` }, radio, t.load.devices[device]);
  });
  void probe().then(({ webgpu }) => {
    if (!signal.aborted)
      found.textContent =
        webgpu.autoReason === undefined
          ? t.load.webgpuYes(webgpu.adapter ?? "")
          : t.load.webgpuNo(t.load.autoReason(webgpu.autoReason));
  });
  return h(
    "div",
    // No fieldset: WebKit draws a legend on the border.
    { class: "block", role: "group", "aria-labelledby": "device-heading" },
    h("h2", { id: "device-heading" }, t.load.device),
    h("p", { class: "help" }, t.load.deviceHelp),
    h("div", { class: "pills" }, ...options),
    found,
  );
}

function statusOf({ t, store }: Studio, model: ModelState): (HTMLElement | false)[] {
  if (model.phase === "loading") {
    const holder = h("div");
    showProgress(holder, t, model);
    return [...holder.children].map((child) => child as HTMLElement);
  }
  const error = failureBox(t, model.error);
  if (model.phase !== "ready" || !model.info) return [error];
  const next = store.state.data.parts ? "train" : "data";
  return [
    error,
    block(t.load.loaded(modelName(t, model)), facts(t, model), fit(t, model)),
    model.usable
      ? h(
          "p",
          { class: "next" },
          h("a", { class: "button", href: "#use" }, t.load.useNow),
          " ",
          nextLink(t, next).firstElementChild,
        )
      : nextLink(t, next),
  ];
}

function showProgress(status: HTMLElement, t: Dictionary, { name, progress }: ModelState): void {
  const what = progress ? t.load.stages[progress.stage] : t.load.stages.library;
  const megabytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1);
  const bytes = progress && (progress.stage === "library" || progress.stage === "download");
  const amount = bytes
    ? `${progress.file ?? ""} ${megabytes(progress.loaded)}${progress.total ? ` / ${megabytes(progress.total)}` : ""} MB`
    : "";
  const present = status.querySelector(".loading");
  if (present) {
    fill(present.children[0] as Element, t.load.loading(name));
    present.children[1]?.replaceWith(progressBar(what, progress?.loaded ?? 0, progress?.total));
    fill(present.children[2] as Element, `${what} ${amount}`);
    return;
  }
  fill(
    status,
    h(
      "div",
      { class: "loading block" },
      h("p", {}, t.load.loading(name)),
      progressBar(what, progress?.loaded ?? 0, progress?.total),
      h("p", { class: "help" }, `${what} ${amount}`),
      h("button", { type: "button", onclick: cancelLoading }, t.load.cancel),
    ),
  );
}
