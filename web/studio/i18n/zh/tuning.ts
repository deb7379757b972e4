/**
 * The texts of searching for a recipe and of cross-validation, in Chinese.
 */
import type { tuning as englishTuning } from "../en/tuning.ts";
import { percent } from "./amounts.ts";

export const tuning: typeof englishTuning = {
  title: "先试几组参数",
  searchHelp:
    "在上面的参数附近抽取若干组，每组先训练少量步。验证损失最低的三分之一再训练三倍的步数，如此继续。",
  trials: { name: "组数", help: "试多少组。第一组就是上面的参数。" },
  minutes: { name: "分钟", help: "大致的时间上限。" },
  noLimit: "不限",
  search: "搜索",
  crossHelp: "交叉验证用上面的参数按折训练：每次在其余各折上训练，在这一折上评估。由此看出分数的波动有多大。",
  folds: { name: "折数", help: "把训练集和验证集合在一起分成几折。测试集不参与。" },
  cross: "交叉验证",
  working: "进行中…",
  caption: "每组参数最近一次的结果",
  trial: "参数组合",
  steps: "步数",
  diverged: "发散",
  nothing: "还没有可以比较的结果就停止了。",
  best: (trial, accuracy) => `第 ${trial} 组参数的验证损失最低，验证正确率 ${percent(accuracy)}。`,
  take: "采用最好的一组参数",
  scores: (scores) => `每一折的正确率：${scores.map(percent).join("、")}。`,
  spread: (mean, std) => `正确率 ${percent(mean)} ± ${percent(std)}（各折的平均值和标准差）。`,
};
