/**
 * The texts of step 3's options, in Chinese.
 */
import type { recipe as english } from "../en/recipe.ts";

export const recipe: typeof english = {
  title: "训练选项",
  method: "训练什么",
  otherMethods: "其他方法",
  methodLink: "各种方法的原理",
  methods: {
    full: { name: "整个模型", help: "训练全部参数。学得最多，也最费时间和内存。" },
    lora: {
      name: "轻量适配器",
      help: "在权重旁边训练小矩阵。更省内存；保存不到 1 MB，也可并入模型。",
    },
    contrastive: {
      name: "少样本",
      help: "用成对的例子教模型哪些文本属于一类。适合每个标签大约 8 到 50 个例子。",
    },
    centroid: { name: "免训练", help: "每个标签取它的例子的平均。几秒完成，每个标签只有一个例子也行。" },
    head: {
      name: "只训练输出层",
      help: "编码器把每条文本只读一遍，不参与训练。很快，适合模型已经熟悉的题材。",
    },
    adalora: {
      name: "秩自适应的适配器",
      help: "与轻量适配器相似，但秩会移到最需要它的矩阵上。需要更多步数。",
    },
    adapter: { name: "瓶颈层", help: "在每一层里加两个小层。只能随整个模型保存。" },
    bitfit: { name: "只训练偏置", help: "训练大约千分之一的参数。只能随整个模型保存。" },
    prefix: {
      name: "每层一段前缀",
      help: "训练每一层都会注意到的虚拟 token。需要较高的学习率；保存不到 1 MB。",
    },
    prompt: { name: "软提示", help: "训练放在文本前面的虚拟 token。参数最少，也学得最慢。" },
  },
  fewRows: (least) => `最小的标签只有 ${least} 个例子：不妨试试“少样本”。`,
  uneven: (times) => `最大的标签的例子数是最小的 ${times.toFixed(0)} 倍。`,
  balance: "让少见的标签分量更重",
  balanced: "少见的标签分量更重。",
  outOfRange: (least, most, whole) =>
    `请填${most === "" ? `不小于 ${least} ` : ` ${least} 到 ${most} 之间`}的${whole ? "整数" : "数"}。`,
  methodMore: "这种方法的选项",
  rank: { name: "秩", help: "附加矩阵的秩。秩越高学得越多，也越占地方。" },
  alpha: { name: "Alpha", help: "适配器的缩放：它的输出乘以 alpha / 秩。" },
  targets: {
    name: "目标矩阵",
    help: "每一层里的哪些矩阵有适配器。",
    names: { attention: "查询和值", all: "每层的所有矩阵" },
  },
  adapterSize: { name: "宽度", help: "每个瓶颈的隐藏维度。" },
  virtualTokens: { name: "虚拟 token 数", help: "它们计入最大长度。" },
  epochs: { name: "轮数", help: "模型把所有例子读几遍，通常 3 到 10 遍。" },
  learningRate: { name: "学习率", help: "每一步的大小。太大训练不稳定，太小学不动。" },
  batchSize: { name: "批大小", help: "一次计算几个例子。" },
  maxLength: { name: "最大长度", help: "每条文本读多少个子词（token），其余截去。越短越快。" },
  pooling: { name: "池化", checkpoint: "按模型自己的设定", help: "怎样把所有子词的状态合成一个向量。" },
  more: "更多选项",
  patience: {
    name: "提前停止",
    never: "从不",
    help: "验证损失连续几轮没有降低就停，保留损失最低那一轮的权重。",
  },
  classWeights: {
    name: "类别权重",
    help: "每个标签的一行在损失里算多少。",
    names: { none: "每行一样", balanced: "少见的标签分量更重" },
  },
  labelSmoothing: { name: "标签平滑", help: "0.1 让模型不至于过分自信，0 为关闭。" },
  accumulate: { name: "梯度累积", help: "每步几批：效果像一个大批，内存只要一个小批。" },
  freezeLayers: { name: "冻结层数", help: "从底部数起，有几层不参与训练。" },
  layerDecay: { name: "逐层衰减", help: "每往下一层，学习率就乘以这个系数，例如 0.9；1 为关闭。" },
  schedule: {
    name: "学习率变化",
    help: "训练过程中学习率怎样变化。",
    names: { linear: "线性降到 0", cosine: "余弦降到 0", constant: "保持不变" },
  },
  warmupRatio: { name: "预热", help: "学习率从 0 升上来所占的步数比例。" },
  weightDecay: { name: "权重衰减", help: "把权重轻轻拉向 0。" },
  dropout: { name: "Dropout", asConfig: "按 config.json", help: "训练时随机置 0 的激活值比例。" },
  seed: { name: "随机种子", help: "在 CPU 上，同样的种子得到同样的训练。" },
};
