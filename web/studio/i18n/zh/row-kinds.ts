/**
 * The texts of rows with a second text or with several labels, in Chinese, for every step.
 */
import type { rowKinds as english } from "../en/row-kinds.ts";
import { isolated } from "../isolated.ts";
import { percent } from "./amounts.ts";

export const rowKinds: typeof english = {
  summary: "每行两段文本或多个标签",
  pairColumn: "第二段文本",
  pairColumnHelp: "模型把它和文本放在一起读，例如问题和它的回答。",
  none: "无",
  labelsARow: "每行的标签",
  one: "一个",
  listed: "多个，按文件中的列表",
  split: (separator) => `多个，以“${separator}”分开`,
  labelsARowHelp: "选多个时，一行可以有任意个标签，也可以一个都没有。",
  likely: (example, labels) =>
    `“${isolated(example)}”看起来是写在一格里的 ${labels} 个标签。如果一行可以有多个标签，请在这里选择。`,
  noPair: (file, rows) => `${file}：有 ${rows} 行没有第二段文本，仍然保留。`,
  noLabels: (file, rows) => `${file}：有 ${rows} 行没有标签，按“不属于任何标签”计算。`,
  sameLabels: "训练用的行的标签都一样。训练需要标签不同的行。",
  list: (labels) => labels.map(isolated).join("、") || "无",
  microF1: "微平均 F1",
  microF1Help: "把对所有标签的判断合在一起算的 F1，满分是 1",
  exact: "标签全对",
  exactHelp: "标签不缺也不多",
  truth: "真实标签",
  scoresTitle: "每轮之后在验证集上（调整决策阈值之前）",
  scoresSummary: (epoch, micro, macro) =>
    `第 ${epoch} 轮之后：微平均 F1 ${micro.toFixed(3)}，宏平均 F1 ${macro.toFixed(3)}。`,
  saidEpoch: (epoch, loss, micro) =>
    `第 ${epoch} 轮：损失 ${loss.toFixed(3)}${micro === undefined ? "" : `，验证微平均 F1 ${micro.toFixed(3)}`}。`,
  rail: (micro) => `微平均 F1 ${micro.toFixed(2)}`,
  threshold: (threshold, tuned) =>
    `决策阈值是 ${percent(threshold)}${tuned ? "：这样在验证集上微平均 F1 最高" : ""}。`,
  best: (trial, share) => `第 ${trial} 组参数的验证损失最低，有 ${percent(share)} 的行标签全对。`,
  scores: (scores) => `每一折的微平均 F1：${scores.map((score) => score.toFixed(3)).join("、")}。`,
  spread: (mean, std) => `微平均 F1 ${mean.toFixed(3)} ± ${std.toFixed(3)}（各折的平均值和标准差）。`,
  twoTexts: "这个模型读两段文本",
  verdict: "标签：",
  scoresHelp: (threshold) =>
    `每个标签单独打分。得分达到决策阈值 ${percent(threshold)}（竖线处）就给出这个标签。`,
};
