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
  intervalHelp: "“很可能”指 95% 区间：换一批同样多的文本，分数会在多大范围内变动。",
  macroF1Help: "每个标签同等重要，满分是 1",
  loss: "损失",
  lossHelp: "越低越好；错得越肯定，代价越大",
  perLabel: "逐个标签",
  perLabelHelp:
    "精确率：它判为这个标签的文本里有多少是对的。召回率：真正属于这个标签的文本里它找出了多少。F1：两者合一。",
  precision: "精确率",
  recall: "召回率",
  f1: "F1",
  support: "文本数",
  confusion: "它会混淆什么",
  confusionHelp: "每一行是真实标签，每一列是模型的回答。对角线上是答对的。",
  corner: "真实 ↓ 回答 →",
  wrongTitle: "它答错了哪些",
  wrongCount: (wrong, of) => (wrong === 0 ? `没有：${of} 条全对。` : `${of} 条中有 ${wrong} 条。`),
  looking: (done, of) => `正在查看… ${done} / ${of}`,
  wrongHelp: "往往是例子本身有歧义，或者标签标错了：先看一看，再决定要不要训练更久。",
  filter: "显示",
  allLabels: "所有标签",
  truth: "真实标签",
  predicted: "模型的回答",
  more: (n) => `还有 ${n} 条`,
};

export const compare: typeof englishCompare = {
  title: "在同样文本上的各次训练",
  help: "“偶然”是指两个同样好的模型在这些文本上相差这么多的可能性（McNemar 检验）。测试集小的时候，两个好模型往往分不出高下。",
  run: "训练",
  name: (number, method) => `${number}. ${method}`,
  recipe: (model, epochs, learningRate) => `${model}，${epochs} 轮，${learningRate}`,
  accuracy: "正确率",
  interval: "95% 区间",
  difference: "最近一次",
  chance: "偶然",
  share: percent,
  range: (low, high) => `${percent(low)} 至 ${percent(high)}`,
  points: (difference) =>
    difference === 0
      ? "相同"
      : `${difference > 0 ? "高" : "低"} ${Math.abs(difference * 100).toFixed(1)} 个百分点`,
  latest: "就是这次",
  unlikely: "确有差别",
  likely: "可能只是运气",
};
