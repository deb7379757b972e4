/**
 * The texts of searching for a recipe and of cross-validation, in Chinese.
 */
import type { tuning as englishTuning } from "../en/tuning.ts";
import { percent } from "./amounts.ts";

export const tuning: typeof englishTuning = {
  title: "先试几个配方",
  searchHelp:
    "在上面的配方附近抽取若干个，每个先走少量步；最好的三分之一再走三倍的步数，如此继续，以验证集为准。",
  trials: { name: "配方数", help: "抽取多少个；第一个就是上面的。" },
  minutes: { name: "分钟", help: "大约可以用多久。" },
  noLimit: "不限",
  search: "搜索",
  crossHelp: "或者把上面的配方按折训练：每次用其余各折训练，在这一折上评估，看看有多好、波动有多大。",
  folds: { name: "折数", help: "把训练集和验证集合在一起分成几份。测试集不参与。" },
  cross: "交叉验证",
  working: "进行中…",
  caption: "每个配方最近一次的结果",
  trial: "配方",
  steps: "步数",
  diverged: "发散",
  nothing: "还没有可以比较的结果就停止了。",
  best: (trial, accuracy) => `第 ${trial} 个配方在验证集上最好，正确率 ${percent(accuracy)}。`,
  take: "用最好的配方训练",
  scores: (scores) => `每一折的正确率：${scores.map(percent).join("、")}。`,
  spread: (mean, std) => `正确率 ${percent(mean)}，各折上下约 ${percent(std)}。`,
};
