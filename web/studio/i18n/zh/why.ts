/**
 * The texts of why a text got its label, in Chinese.
 */
import type { why as english } from "../en/why.ts";
import { isolated } from "../isolated.ts";
import { percent } from "./amounts.ts";

export const why: typeof english = {
  ask: "为什么？",
  title: (label, score) => `为什么是“${isolated(label)}”（${percent(score)}）`,
  label: "解释哪个标签",
  working: "正在看每个词…",
  stillWorking: "正在逐个去掉每个词…",
  for: "支持这个标签",
  against: "反对这个标签",
  strength: "标记越重，这个词的作用越大。",
  small: "这里没有哪个词作用很大：答案几乎不取决于单个词。",
  cut: "文本比模型能读的长，末尾的词不起作用。",
  table: "各个词，作用大的在前",
  word: "词",
  part: "作用",
  without: "去掉它之后",
  becomes: (label, score) => `${isolated(label)}，${percent(score)}`,
  more: (words) => `另外 ${words} 个词`,
  partsHelp: (text, blank) =>
    `各个作用加起来，就是这些词比空文本多出的部分：对数几率从 ${blank} 到 ${text}。0 表示是与不是一样可能。`,
  nearest: "最相近的训练样本",
  nearestHelp: (looked, all) =>
    looked < all
      ? `在 ${all} 条训练样本中的 ${looked} 条里查找。1 表示相同，0 表示毫无共同之处。`
      : "1 表示相同，0 表示毫无共同之处。",
  near: (labels, similarity) => `${labels} · 相近程度 ${similarity.toFixed(2)}`,
  notTitle: "这不说明什么",
  not: [
    "它说明这个模型怎样得出答案，不说明答案对不对。",
    "词是一起起作用的。同一个词在别的文本里可能作用不同。",
    "模型并没有查找这些样本。它们只是在模型看来离这段文本最近。",
  ],
  said: (label, words) =>
    words.length > 0
      ? `最支持“${isolated(label)}”的词：${words.map(isolated).join("、")}。`
      : `没有词支持“${isolated(label)}”。`,
};
