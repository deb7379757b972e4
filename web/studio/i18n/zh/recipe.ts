/**
 * The texts of step 3's options, in Chinese.
 */
import type { recipe as english, tuning as englishTuning } from "../en/recipe.ts";
import { percent } from "./amounts.ts";

export const recipe: typeof english = {
  title: "训练选项",
  method: "训练什么",
  otherMethods: "其他方法",
  methodLink: "各种方法的原理",
  methods: {
    full: { name: "整个模型", help: "改动每一个数。学得最多，也最费时间和内存。" },
    lora: {
      name: "一小块附加",
      help: "模型本身不动，只在旁边训练一点点。更省内存；保存不到 1 MB，也可并入模型。",
    },
    contrastive: { name: "例子很少", help: "用成对的例子教它哪些文本属于一类。每个标签大约 8 到 50 条。" },
    centroid: { name: "不训练", help: "每个标签就是它的例子的平均。几秒完成，每个标签一条也行。" },
    head: { name: "只训练输出层", help: "模型把每条文本只读一遍，自身不变。很快，适合它已经熟悉的题材。" },
    adalora: { name: "自己定大小的附加", help: "和“一小块附加”一样，但大小会移到更要紧的层。需要更多步数。" },
    adapter: { name: "瓶颈层", help: "在每一层里加两个小层。只能随整个模型保存。" },
    bitfit: { name: "只训练偏置", help: "大约千分之一的数。只能随整个模型保存。" },
    prefix: { name: "每层一段前缀", help: "训练每一层都看得到的虚拟词。需要较高的学习率；保存不到 1 MB。" },
    prompt: { name: "软提示", help: "训练放在文本前面的虚拟词。最小，也学得最慢。" },
  },
  fewRows: (least) => `最小的标签只有 ${least} 个例子：不妨试试“例子很少”。`,
  uneven: (times) => `最大的标签的例子数是最小的 ${times.toFixed(0)} 倍。`,
  balance: "让少见的标签分量更重",
  balanced: "少见的标签分量更重。",
  methodMore: "附加部分的大小",
  rank: { name: "秩", help: "附加矩阵的列数。越大学得越多，也越占地方。" },
  alpha: { name: "Alpha", help: "附加部分的分量：乘以 alpha / 秩。" },
  targets: {
    name: "加在哪里",
    help: "一层里的哪些矩阵有附加部分。",
    names: { attention: "查询和值", all: "一层的所有矩阵" },
  },
  adapterSize: { name: "宽度", help: "每个瓶颈中间有几个数。" },
  virtualTokens: { name: "虚拟词", help: "它们会占用最大长度。" },
  epochs: { name: "轮数", help: "把所有例子读几遍，通常 3 到 10 遍。" },
  learningRate: { name: "学习率", help: "每一步走多远。太大会忘事，太小学不动。" },
  batchSize: { name: "批大小", help: "一次看几个例子。" },
  maxLength: { name: "最大长度", help: "每条文本读多少个词元，越短越快。" },
  pooling: { name: "池化", checkpoint: "按模型自己的设定", help: "怎样把各个词元合成一段文本的摘要。" },
  more: "更多选项",
  patience: { name: "提前停止", never: "从不", help: "验证集连续几轮没有变好就停，并取回最好那一轮的权重。" },
  classWeights: {
    name: "标签权重",
    help: "每个标签的一行算多少。",
    names: { none: "每行一样", balanced: "少见的标签分量更重" },
  },
  labelSmoothing: { name: "标签平滑", help: "0.1 让它不至于太肯定，0 为关闭。" },
  accumulate: { name: "每步几批", help: "效果像一个大批，内存只要一个小批。" },
  freezeLayers: { name: "冻结层数", help: "从底部数起，这么多层保持不变。" },
  layerDecay: { name: "逐层衰减", help: "往下每层学得慢这么多，例如 0.9；1 为关闭。" },
  schedule: {
    name: "学习率变化",
    help: "训练过程中学习率怎样变化。",
    names: { linear: "线性降到 0", cosine: "余弦降到 0", constant: "保持不变" },
  },
  warmupRatio: { name: "预热", help: "学习率从 0 升上来所占的步数比例。" },
  weightDecay: { name: "权重衰减", help: "把权重轻轻拉向 0。" },
  dropout: { name: "Dropout", asConfig: "按 config.json", help: "训练时随机遮掉的信号比例。" },
  seed: { name: "随机种子", help: "在 CPU 上，同样的种子得到同样的训练。" },
};

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
