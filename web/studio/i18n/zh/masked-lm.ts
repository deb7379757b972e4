/**
 * The texts of pretraining on unlabelled text and of filling masks, in Chinese.
 */
import type { fillMask as englishFillMask, pretrain as englishPretrain } from "../en/masked-lm.ts";
import { duration } from "./amounts.ts";

/** The perplexity of an untrained model has five digits. */
const perplexity = (value: number): string =>
  value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString("zh");

export const pretrain: typeof englishPretrain = {
  title: "先从没有标签的文本学起",
  help: (masked) =>
    `遮住 ${Math.round(masked * 100)}% 的词让模型来猜，使它熟悉你这类文本。同样多的文本，这比按标签训练更费时间和内存。如果你有几千条题材特殊的文本，帮助最大。`,
  source: (train, dev) =>
    `从 ${train} 条文本学习${dev > 0 ? `；另留 ${dev} 条用来衡量` : "；文本太少，没有留出用来衡量的"}。`,
  ofRows: "你的例子的文本，不看标签。",
  ofFile: (name) => `${name} 里的文本。`,
  noTexts: "还没有可以学习的文本。",
  noTextsHint: "请选择一个文本文件，或在第 2 步准备例子。",
  drop: "也可以把更多同类文本拖到这里：每行一条的 .txt，或 CSV、TSV、JSONL。",
  pick: "选择文件",
  rowsInstead: "改用例子的文本",
  epochs: { name: "轮数", help: "模型把所有文本读几遍，每遍遮住的词都不同。" },
  learningRate: { name: "学习率", help: "每一步的大小。" },
  wholeWords: "遮住整个词，而不是词的一部分",
  start: "从文本学习",
  again: "再从文本学习",
  progressLabel: "从文本学习的进度",
  preparing: "正在准备模型和文本…",
  saving: "正在保存学到的内容…",
  perplexity: "在留出的文本上的困惑度",
  value: perplexity,
  before: "之前",
  after: "之后",
  soFar: "目前",
  perplexityHelp:
    "困惑度 20 的意思是：模型就像在 20 个同样可能的词之间拿不准。越低越好。它还不说明标签学得如何。",
  newHead: "这个模型没有带预测词的那一层，所以新建了一层。困惑度起初很高，前面的步数主要训练这一层。",
  lossTitle: "猜词的损失",
  heldOut: "留出的文本",
  said: (before, after) => `已从文本学习：困惑度之前 ${perplexity(before)}，之后 ${perplexity(after)}。`,
  saidDone: "已从文本学习。",
  reasons: {
    finished: (steps, seconds) => `完成：${steps} 步，用时 ${duration(seconds)}。`,
    stopped: (steps, seconds) => `在 ${steps} 步、${duration(seconds)} 后停止。已经学到的会保留。`,
    diverged: (steps, seconds) =>
      `在 ${steps} 步、${duration(seconds)} 后训练变得不稳定。保留的是最后一组数值正常的权重。请退回原来的模型，调低学习率再试。`,
  },
  named: (name, texts) => `${name} + ${texts} 条文本`,
  startsFrom: (name) => `训练将从读过你的文本的模型出发：${name}。在第 5 步可以让它填空。`,
  goBack: "退回原来的模型",
  download: "下载这个模型",
  downloadHelp: "这是一个文件夹，改天可以在第 1 步加载。",
  base: "适配器需要读过你的文本的模型。请在第 3 步把那个模型也下载下来。",
};

export const fillMask: typeof englishFillMask = {
  title: "填空",
  help: "显示 [MASK] 处最可能的词。按标签训练之后，模型在这件事上会变差。",
  text: "带空的句子",
  placeholder: "图书馆星期天不[MASK]门。",
  insert: "插入 [MASK]",
  button: "填空",
  working: "正在猜…",
  noHead: "这个检查点的填词输出层无法加载，所以这个模型没有它。训练的结果保持不变。",
  blank: (n) => `第 ${n} 个空`,
  words: "最可能的词",
  word: "词",
  share: "概率",
  piece: "以 ## 开头的词接在前一个词后面。",
  said: (words) => `最可能：${words.join("；")}。`,
};
