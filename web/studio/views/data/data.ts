/**
 * Step 2: bring labelled examples, choose the columns, see what is in them. Shows `state.data`; the work is in
 * actions/dataset.ts.
 */

import { addFiles, addSample, trainFile } from "../../actions/dataset.ts";
import { LARGEST_MEGABYTES, TABLE_FILES } from "../../data/reading/decode.ts";
import type { DataState } from "../../state/data.ts";
import { currentInspection, hasExamples, isTraining, losesExamples } from "../../state/selectors.ts";
import { h, refill } from "../../widgets/dom.ts";
import { failureBox, failureLine, noticeList } from "../../widgets/failure.ts";
import { dropZone, filePicker } from "../../widgets/files.ts";
import { block } from "../../widgets/layout.ts";
import { nextLink, type Studio, type View } from "../view.ts";
import { handPanel } from "./by-hand.ts";
import { columnChoice, fileTable, previews } from "./files.ts";
import { alikeNotices, noticesOf } from "./findings.ts";
import { labelBars, splitBar } from "./parts.ts";
import { readingChoice } from "./reading.ts";
import { kindChoice } from "./row-kinds.ts";

export const dataStep: View = (studio) => {
  const { store, t, say, signal } = studio;
  const onFiles = (files: File[]): void => void addFiles(store, files);
  const sample = (language: "en" | "zh"): HTMLElement =>
    h(
      "button",
      {
        type: "button",
        id: `sample-${language}`,
        onclick: () => {
          if (!losesExamples(store.state) || confirm(t.project.ask.sample)) void addSample(store, language);
        },
      },
      t.data.samples[language],
    );
  const found = h("div", { class: "result" });
  const byHand = handPanel(studio);
  let said = "";
  store.on(
    ["data", "inspection"],
    ({ data }) => {
      refill(found, ...shown(studio, data, byHand(data)));
      const line = data.error
        ? failureLine(t, data.error)
        : data.parts && !data.reading
          ? t.data.said(data.parts.train.length, data.parts.dev.length, data.parts.test.length)
          : "";
      if (line && line !== said) say(line);
      said = line;
    },
    signal,
  );
  return [
    h(
      "div",
      { class: "choices" },
      h(
        "section",
        { class: "choice" },
        h("h2", {}, t.data.ownTitle),
        dropZone(
          t.data.drop,
          onFiles,
          filePicker(
            t.data.pick,
            {
              id: "data-files",
              multiple: true,
              accept: TABLE_FILES,
              primary: true,
            },
            onFiles,
          ),
        ),
        h("p", { class: "help" }, t.data.formats(LARGEST_MEGABYTES)),
      ),
      h(
        "section",
        { class: "choice" },
        h("h2", {}, t.data.sampleTitle),
        h("p", {}, t.data.sampleText),
        h("div", { class: "row" }, sample("en"), sample("zh")),
        h("p", { class: "help" }, t.data.sampleNote),
      ),
    ),
    found,
  ];
};

function shown(studio: Studio, data: DataState, byHand: HTMLElement | false): (HTMLElement | false)[] {
  const { t, store } = studio;
  if (data.reading && data.files.length === 0) return [h("p", { class: "block" }, t.data.reading)];
  const error = failureBox(t, data.error);
  if (!hasExamples(store.state)) return [error];
  const changed = isTraining(store.state) && h("p", { class: "help" }, t.data.whileTraining);
  const notices = [...data.notices, ...alikeNotices(store, data)];
  const columns = trainFile(data.files)?.table.columns ?? [];
  return [
    error,
    data.edits.own.length > 0 &&
      h(
        "p",
        { class: "notice-line" },
        t.data.own(data.edits.own.length),
        " ",
        h("a", { href: "#bench" }, t.data.toBench),
      ),
    data.files.length > 0 &&
      block(
        t.data.filesTitle,
        changed,
        fileTable(studio, data),
        readingChoice(studio, data),
        columnChoice(studio, data, columns),
        kindChoice(studio, data, columns),
        ...previews(t, data),
      ),
    byHand,
    notices.length > 0 && block(t.data.noticesTitle, noticeList(t, notices)),
    reportOf(studio),
    data.parts ? block(t.data.labelsTitle(data.parts.labels.length), labelBars(t, data.parts)) : false,
    data.parts ? block(t.data.splitTitle, splitBar(studio, data, data.parts)) : false,
    data.parts
      ? nextLink(t, store.state.model.phase === "ready" ? "train" : "load")
      : h("p", { class: "help" }, t.data.blocked),
  ];
}

/** The findings of the data report, if there are any. */
function reportOf({ store, t }: Studio): HTMLElement | false {
  const inspection = currentInspection(store.state);
  if (inspection === undefined) return false;
  if (inspection.phase === "working") return h("p", { class: "help" }, t.data.inspecting);
  const list = failureBox(t, inspection.error) || noticeList(t, noticesOf(store, t, inspection));
  return list && block(t.data.reportTitle, list);
}
