/**
 * The page's texts in Chinese. Same keys as the English ones, which the compiler checks.
 */
import type { Dictionary } from "./en.ts";
import { adapters } from "./zh/adapters.ts";
import { percent, wholePercent } from "./zh/amounts.ts";
import { bench } from "./zh/bench.ts";
import { data, rows } from "./zh/data.ts";
import { compare, evaluation } from "./zh/evaluation.ts";
import { failures } from "./zh/failures.ts";
import { findings } from "./zh/findings.ts";
import { load } from "./zh/load.ts";
import { fillMask, pretrain } from "./zh/masked-lm.ts";
import { project, runs } from "./zh/project.ts";
import { recipe } from "./zh/recipe.ts";
import { records } from "./zh/records.ts";
import { remote } from "./zh/remote.ts";
import { rowKinds } from "./zh/row-kinds.ts";
import { share } from "./zh/share.ts";
import { encodings, parse, reading } from "./zh/tables.ts";
import { train } from "./zh/train.ts";
import { tuning } from "./zh/tuning.ts";
import { keep, use } from "./zh/use.ts";
import { why } from "./zh/why.ts";

export const zh: Dictionary = {
  htmlLang: "zh-Hans",
  percent,
  wholePercent,
  frame: {
    skip: "跳到正文",
    tagline: "就在这个页面里，教会一个文本分类器",
    privacy: "所有计算都在本页面内完成，你的文本和模型不会离开这台电脑。",
    starters: "四种现成的用法",
    licences: "第三方许可",
    language: "语言",
    theme: "配色",
    themes: { system: "自动", light: "浅色", dark: "深色" },
    steps: "步骤",
    stepOf: (n, of) => `第 ${n} 步，共 ${of} 步`,
    next: (name) => `下一步：${name}`,
    goTo: (name) => `前往：${name}`,
  },
  steps: {
    bench: {
      name: "工作台",
      title: "教这个页面给文本分类",
      lead: "每个标签给几个例子，它就会像你一样给新文本分类。",
    },
    load: {
      name: "模型",
      title: "选一个模型",
      lead: "从一个已经读过大量文字的模型出发，再用你的例子教它一项任务。",
    },
    data: { name: "数据", title: "准备例子", lead: "分类器从已经标好标签的文本中学习。" },
    train: { name: "训练", title: "训练", lead: "模型把你的例子读几遍，每读一批就稍微调整一次权重。" },
    judge: { name: "评估", title: "效果如何？", lead: "这些分数来自模型训练时从未见过的文本。" },
    use: { name: "使用", title: "试一试", lead: "输入一段文本，或者给整个文件打标签。" },
    keep: {
      name: "保存",
      title: "把模型带走",
      lead: "下载为普通的 Hugging Face 文件，其他工具可以直接打开。",
    },
  },
  rail: {
    loading: "加载中…",
    data: (rows, labels) => `${rows} 行，${labels} 个标签`,
    training: (share) => `${Math.round(share * 100)}%`,
    trained: (steps) => `${steps} 步`,
    accuracy: (value) => `正确率 ${percent(value)}`,
    kept: "已保存",
  },
  roles: { train: "训练集", dev: "验证集", test: "测试集" },
  poolings: {
    pooler: "BERT 自带的池化层（第一个子词）",
    cls: "取第一个子词（[CLS]）",
    mean: "取所有子词的平均",
    max: "取所有子词的最大值",
  },
  notice: { error: "必须修正", warning: "请留意", note: "说明", show: "查看位置" },
  failure: { title: "没有成功", hint: "怎么办：", code: "代码：" },
  failures,
  findings,
  bench,
  load,
  data,
  rowKinds,
  parse,
  reading,
  encodings,
  rows,
  recipe,
  project,
  runs,
  records,
  remote,
  tuning,
  pretrain,
  fillMask,
  adapters,
  train,
  evaluation,
  compare,
  use,
  why,
  keep,
  share,
};
