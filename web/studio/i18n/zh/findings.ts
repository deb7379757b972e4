/**
 * The findings of the data report, in Chinese: what each is, and what to do about it.
 */
import type { findings as english } from "../en/findings.ts";
import { percent } from "./amounts.ts";

export const findings: typeof english = {
  "empty-text": {
    found: ({ count }) => `有 ${count} 行没有文本。`,
    advice: "请删去，或者查一查文本是在哪里丢失的。",
  },
  duplicate: {
    found: ({ count }) => `有 ${count} 行与同一部分里前面的行重复。`,
    advice: "同样的只留一行，否则它会被算好几次。",
  },
  "near-duplicate": {
    found: ({ count }) => `有 ${count} 行除大小写、空格或标点外与前面的行相同。`,
    advice: "除非这点差别很重要，否则只留一行。",
  },
  leakage: {
    found: ({ count }) => `验证集或测试集中有 ${count} 行在另一部分里也有。分数会显得比实际更好。`,
    advice: "请从其中一个部分删去。由本页划分的文件不会出现这种情况。",
  },
  "conflicting-labels": {
    found: ({ count }) => `有 ${count} 行的文本在前面出现过，但标签不同。`,
    advice: "请确定哪个标签才对：没有模型能两个都学会。",
  },
  imbalance: {
    found: ({ ratio = 0 }) => `最大的标签的行数是最小的 ${ratio.toFixed(0)} 倍。`,
    advice: "给行数少的标签添些行，或在第 3 步让它们分量更重。请看宏平均 F1，而不是正确率。",
  },
  "few-rows": {
    found: ({ count }) => `有 ${count} 个标签可供学习的行不到 8 行。`,
    advice: "请添些行，或把它与别的标签合并。",
  },
  "missing-label": {
    found: ({ count }) => `验证集或测试集中有 ${count} 行的标签在训练集里没有。`,
    advice: "请把它加进训练集，或删去这些行：这样的标签永远预测不出来。",
  },
  "too-long": {
    found: ({ count, share = 0 }) => `有 ${count} 行（${percent(share)}）比模型读的长度更长，末尾会被截去。`,
    advice: "如果末尾重要，请在第 3 步把最大长度调大。",
  },
  "unknown-tokens": {
    found: ({ share = 0 }) => `这些文本中有 ${percent(share)} 的子词（token）是模型不认识的。`,
    advice: "它的词表是为另一种语言或文字做的。请换一个用你的语言训练的模型。",
  },
};
