/**
 * The texts of step 4, in Chinese.
 */
import type { compare as englishCompare, evaluation as englishEvaluation } from "../en/evaluation.ts";
import { percent } from "./amounts.ts";

export const evaluation: typeof englishEvaluation = {
  stillTraining: "训练还在进行。",
  notTrained: "请先训练，之后这里会显示模型的效果。",
  nothingHeld: "没有验证或测试行可供评估。",
  computing: "正在测量…",
  onTest: (rows) => `在 ${rows} 条测试文本上`,
  onDev: (rows) => `在 ${rows} 条验证文本上`,
  accuracy: "正确率",
  accuracyHelp: (right, of) => `${of} 条中对了 ${right} 条`,
  macroF1: "宏平均 F1",
  interval: (low, high) => `很可能在 ${low} 到 ${high} 之间`,
  intervalHelp: "“很可能”指 95% 区间：换一批同样多的文本，分数大致在这个范围内变动。",
  macroF1Help: "所有标签的 F1 的平均，满分是 1",
  loss: "损失",
  lossHelp: "越低越好；错得越自信，代价越大",
  perLabel: "每个标签的分数",
  perLabelHelp:
    "精确率：预测为这个标签的文本里，确实属于它的比例。召回率：属于这个标签的文本里，被找出来的比例。F1：两者的调和平均。",
  precision: "精确率",
  recall: "召回率",
  f1: "F1",
  support: "文本数",
  confusion: "混淆矩阵：哪些标签会弄混",
  confusionHelp: "每一行是真实标签，每一列是预测标签。对角线上是预测正确的。",
  corner: "真实 ↓ 预测 →",
  wrongTitle: "它答错了哪些",
  wrongCount: (wrong, of) => (wrong === 0 ? `没有：${of} 条全对。` : `${of} 条中有 ${wrong} 条。`),
  looking: (done, of) => `正在查看… ${done} / ${of}`,
  wrongHelp: "在训练更久之前，先看一看这些：可能是例子有歧义，也可能是标签标错了。",
  filter: "显示",
  allLabels: "所有标签",
  truth: "真实标签",
  predicted: "预测标签",
  more: (n) => `还有 ${n} 条`,
};

export const compare: typeof englishCompare = {
  help: "p 值是两个同样好的模型在这些文本上相差这么多的概率（McNemar 检验）。测试集小的时候，两个好模型往往分不出高下。",
  run: "训练",
  name: (number, method) => `${number}. ${method}`,
  recipe: (model, epochs, learningRate) => `${model}，${epochs} 轮，${learningRate}`,
  accuracy: "正确率",
  interval: "95% 区间",
  thanRun: (number) => `第 ${number} 次`,
  against: "对比的对象",
  runNumber: (number) => `第 ${number} 次训练`,
  chance: "是运气吗？",
  share: percent,
  range: (low, high) => `${percent(low)} 至 ${percent(high)}`,
  points: (difference) =>
    difference === 0
      ? "相同"
      : `${difference > 0 ? "高" : "低"} ${Math.abs(difference * 100).toFixed(1)} 个百分点`,
  latest: "就是这次",
  chanceOf: (p) => `${p < 0.05 ? "不太像运气" : "可能只是运气"}（p = ${p.toFixed(3)}）`,
};
