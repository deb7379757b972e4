/**
 * Takes the model in hand and the run that trained it; gives its model card, the README.md of its folder in the form of the
 * Hugging Face Hub. In English on every page, as the Hub's are.
 */
import { percents } from "../../i18n/shares.ts";
import { mixedUp } from "../mixed-up.ts";
import { FEW_TEXTS, wilson } from "../wilson.ts";
import { type RunFacts, recipeOf, rightOf } from "./facts.ts";

export interface CardModel {
  name: string;
  labels: readonly string[];
  multiLabel: boolean;
  /** The decision threshold; multi-label models only. */
  threshold: number | undefined;
  /** Whether the model reads pairs of texts. */
  pairs: boolean;
  /** Whether transformers needs `trust_remote_code`. */
  remoteCode: boolean;
  /** Answers under it are left open; 0: none. */
  leaveOpen: number;
  /** Whether the folder holds an adapter, without the model that it was trained on. */
  adapter: boolean;
  version: string;
}

const MOST_PAIRS = 5;
const percent = (share: number): string => `${percents(share, 1)}%`;

export function modelCard(model: CardModel, run: RunFacts | undefined): string {
  return [
    ...frontMatter(model, run),
    "",
    `# ${escaped(model.name)}`,
    "",
    `A text classifier with ${model.labels.length} labels${model.multiLabel ? ", any number of which a text may have" : ""}${model.adapter ? ", as an adapter for the model that it was trained from" : ""}.`,
    "It was fine-tuned inside a web page with bertlet.",
    "",
    "## Labels",
    "",
    ...model.labels.map((label) => `- ${escaped(label)}`),
    ...(run ? training(run) : []),
    ...(run?.report
      ? scores(run, model)
      : ["", "## Scores", "", "It was not evaluated on texts held out from training."]),
    ...limits(model, run),
    ...use(model, run && isOnHub(run) ? run.base.name : undefined),
    "",
  ].join("\n");
}

/** Whether the base's name is the Hub's, which Python finds. */
function isOnHub({ base }: RunFacts): boolean {
  return /^[\w.-]+\/[\w.-]+$/.test(base.name);
}

function frontMatter(
  { name, multiLabel, remoteCode, adapter }: CardModel,
  run: RunFacts | undefined,
): string[] {
  const text = (value: string): string => JSON.stringify(value);
  const onHub = run !== undefined && isOnHub(run);
  const lines = [
    "---",
    `library_name: ${adapter ? "peft" : "transformers"}`,
    "pipeline_tag: text-classification",
    ...(onHub ? [`base_model: ${text(run.base.name)}`] : []),
    ...(onHub && adapter ? ["base_model_relation: adapter"] : []),
    "tags:",
    "- text-classification",
    "- bertlet",
    ...(multiLabel ? ["- multi-label-classification"] : []),
    ...(remoteCode && !adapter ? ["- custom_code"] : []),
    "metrics:",
    "- accuracy",
    "- f1",
  ];
  const { report, rows } = run ?? {};
  if (report && rows)
    lines.push(
      "model-index:",
      `- name: ${text(name)}`,
      "  results:",
      "  - task:",
      "      type: text-classification",
      "    dataset:",
      "      name: Own examples",
      "      type: own-examples",
      `      split: ${rows.part === "test" ? "test" : "validation"}`,
      "    metrics:",
      ...metric("accuracy", "Accuracy", report.accuracy),
      ...metric("f1", "Macro F1", report.macroF1),
    );
  return [...lines, "---"];
}

function metric(type: string, name: string, value: number): string[] {
  return [`    - type: ${type}`, `      name: ${name}`, `      value: ${Number(value.toFixed(4))}`];
}

function training(run: RunFacts): string[] {
  const { base, rows, training: made } = run;
  return [
    "",
    "## Training",
    "",
    `Trained from ${escaped(base.name)} on ${rows.train} labelled ${rows.pairs ? "pairs of texts" : "texts"}, which stayed on the author's computer.`,
    `${made.trainedParameters.toLocaleString("en")} parameters were trained in ${made.step} steps.`,
    "",
    "| option | value |",
    "| --- | --- |",
    ...recipeOf(run).map(([option, value]) => `| ${option} | ${value} |`),
  ];
}

function scores(run: RunFacts, { multiLabel }: CardModel): string[] {
  const { report, rows, labels } = run;
  if (!report) return [];
  const { right, of } = rightOf(run);
  const [low, high] = wilson(right, of);
  const pairs = mixedUp(report.confusion, labels).slice(0, MOST_PAIRS);
  const chosen = rows.part === "dev" ? " These are dev texts: training may have been steered by them." : "";
  return [
    "",
    "## Scores",
    "",
    `${right} of ${of} ${rows.part ?? "test"} texts ${multiLabel ? "with exactly their labels" : "right"}: ${percent(right / of)}, 95% interval ${percent(low)} to ${percent(high)} (Wilson).${chosen}`,
    ...(of < FEW_TEXTS ? ["", "So few texts are too few to tell how good it is."] : []),
    "",
    "| label | precision | recall | F1 | texts |",
    "| --- | ---: | ---: | ---: | ---: |",
    ...report.perLabel.map(
      ({ label, precision, recall, f1, support }) =>
        `| ${escaped(label)} | ${precision.toFixed(2)} | ${recall.toFixed(2)} | ${f1.toFixed(2)} | ${support} |`,
    ),
    ...(pairs.length > 0 ? ["", "Most mixed up:", ""] : []),
    ...pairs.map(
      ({ truth, predicted, count }) => `- ${escaped(truth)}, taken for ${escaped(predicted)}: ${count}`,
    ),
  ];
}

function limits({ leaveOpen, multiLabel }: CardModel, run: RunFacts | undefined): string[] {
  const rare = run?.report?.perLabel.filter(({ support }) => support < FEW_TEXTS / 2) ?? [];
  return [
    "",
    "## Limits",
    "",
    "- It knows its labels only: a text of another kind gets one of them all the same.",
    "- It was evaluated on texts like those it was trained on. Other sources, times or languages may do worse.",
    "- A high score is no guarantee. Have people look at answers that matter.",
    ...(leaveOpen > 0 && !multiLabel
      ? [`- Its author leaves answers with a score under ${leaveOpen.toFixed(2)} open.`]
      : []),
    ...(rare.length > 0
      ? [
          `- Scores of these labels rest on fewer than ${FEW_TEXTS / 2} texts: ${rare.map(({ label }) => escaped(label)).join(", ")}.`,
        ]
      : []),
  ];
}

function use(model: CardModel, base: string | undefined): string[] {
  return [
    "",
    "## Use",
    "",
    ...(model.adapter ? useAdapter(model, base) : useModel(model)),
    "",
    `Made with bertlet ${model.version}.`,
  ];
}

function useModel({ remoteCode, pairs, threshold }: CardModel): string[] {
  const text = pairs ? '{"text": "...", "text_pair": "..."}' : '"..."';
  const from = threshold === undefined ? undefined : Number(threshold.toPrecision(4));
  return [
    "```python",
    "from transformers import pipeline",
    "",
    `classify = pipeline("text-classification", model="PATH_OR_ID"${remoteCode ? ", trust_remote_code=True" : ""}, truncation=True)`,
    ...(from === undefined
      ? [`print(classify(${text}))`]
      : [
          `scores = classify([${text}], top_k=None)[0]`,
          `print([found for found in scores if found["score"] >= ${from}])`,
        ]),
    "```",
  ];
}

/** In Python, transformers' own classes pool by the pooler; an adapter for another pooling goes onto bertlet's model. */
function useAdapter({ remoteCode, labels }: CardModel, base: string | undefined): string[] {
  const onto = JSON.stringify(base ?? "THE_MODEL_IT_WAS_TRAINED_FROM");
  if (remoteCode) {
    return [
      "```js",
      `const classifier = await Classifier.load(${onto}${base === undefined ? "" : ", { hub: true }"});`,
      'await classifier.addAdapter("mine", "FOLDER/");',
      'await classifier.useAdapter("mine");',
      "```",
    ];
  }
  return [
    "```python",
    "from peft import PeftModel",
    "from transformers import AutoModelForSequenceClassification",
    "",
    "model = AutoModelForSequenceClassification.from_pretrained(",
    `    ${onto}, num_labels=${labels.length}, ignore_mismatched_sizes=True`,
    ")",
    'model = PeftModel.from_pretrained(model, "PATH_OR_ID").eval()',
    "```",
  ];
}

/** Without what Markdown would take as a sign of its own. */
function escaped(text: string): string {
  const marks = text.replace(/[\\`*_{}[\]<>#|&]/g, "\\$&").replace(/\s+/g, " ");
  // What would begin a list.
  return marks.replace(/^(\s*)([-+]|\d+(?=[.)]))/, (_, space: string, mark: string) =>
    /\d/.test(mark) ? `${space}${mark}\\` : `${space}\\${mark}`,
  );
}
