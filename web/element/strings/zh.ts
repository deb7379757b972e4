/**
 * The tag's texts in Chinese.
 */
import { failures } from "../../studio/i18n/zh/failures.ts";
import type { Progress } from "../work.ts";
import { percent, type Strings } from "./en.ts";

const WORK: Record<Progress["work"], string> = {
  rows: "正在读取例子",
  library: "正在下载 bertlet",
  download: "正在下载模型",
  device: "正在启动",
  model: "正在启动模型",
  estimate: "正在估计时间",
  tokenize: "正在读取例子",
  infer: "正在学习例子",
  dev: "正在检查",
  test: "正在用没见过的例子检查",
  steps: "正在学习",
  asking: "正在分类",
  saving: "正在生成文件",
};

export const zh: Strings = {
  tag: "文本分类器",
  load: "加载模型",
  retry: "再试一次",
  stop: "停止",
  ready: "模型已就绪。",
  failed: "没有成功",
  failures,
  checkAddress: "请检查 src 里的地址和网络连接。",
  todo: "怎么办：",
  code: "代码：",
  work: (work) => WORK[work],
  amount: (work, done, total) =>
    work === "download"
      ? `${(done / 1e6).toFixed(1)} / ${(total / 1e6).toFixed(1)} MB`
      : `${done} / ${total}`,
  left: (seconds) =>
    seconds < 90
      ? `大约还要 ${Math.max(1, Math.round(seconds))} 秒`
      : `大约还要 ${Math.round(seconds / 60)} 分钟`,
  text: "文本",
  textHelp: "也可以按 Ctrl + Enter。",
  classify: "分类",
  askFirst: { teach: "请先训练模型。", empty: "请先输入一段文本。" },
  verdict: (label, score) => `最有可能：${label}，${percent(score)}`,
  unsure: (first, second) => `不确定：${first}或${second}`,
  chosen: (labels) => (labels.length > 0 ? `标签：${labels.join("、")}` : "没有合适的标签"),
  scores: "每个标签的得分",
  label: "标签",
  score: "得分",
  examples: "例子",
  examplesHelp: "给每个标签写几段文本，模型从中学习。",
  count: (examples) => `${examples} 个例子`,
  exampleOf: (label, at) => `${label}的第 ${at} 个例子`,
  newExample: (label) => `${label}的新例子`,
  add: "添加",
  remove: (text) => `删除：${text}`,
  removeLabel: (label) => `删除标签${label}和它的例子`,
  removed: "已删除。",
  undo: "撤销",
  more: (examples) => `再显示 ${examples} 个例子`,
  newLabel: "新标签",
  addLabel: "添加标签",
  sameLabel: (label) => `已经有标签${label}了。`,
  train: "训练",
  trainAgain: "重新训练",
  reason: (reason) =>
    reason.why === "labels" ? "要训练，请至少添加两个标签。" : `要训练，请给${reason.label}添加一个例子。`,
  waitLoad: "要训练，请等模型加载完。",
  within: (minutes) => `训练最多用 ${minutes} 分钟。`,
  tooLong: (needed, minutes) => `全部练完大约要 ${Math.ceil(needed)} 分钟，到 ${minutes} 分钟会停下。`,
  trained: (seconds) => `用 ${Math.max(1, Math.round(seconds))} 秒练好了，现在试试看。`,
  outOfTime: (minutes) => `按设定，到 ${minutes} 分钟停下了。试试它学到了什么。`,
  stopped: "已停止。试试它学到了什么。",
  nothing: "还没学到东西就停止了。",
  diverged: "训练变得不稳定。请换温和一些的设置，或换些例子。",
  checked: (correct, rows) => `${rows} 段没见过的文本里，对了 ${correct} 段。`,
  recipe: "训练设置",
  locked: "训练设置和标签由老师定好了。",
  method: "方法",
  methods: {
    centroid: "与例子比较（快）",
    contrastive: "从成对的例子学（例子少时）",
    full: "训练整个模型",
    lora: "训练一小部分（LoRA）",
  },
  epochs: "轮数",
  keep: "下载模型",
  attribute: "这个标签元素的设置需要改正",
  expected: ({ kind, detail }) =>
    ({
      one: `应为 ${detail} 之一`,
      whole: `应为整数 ${detail}`,
      minutes: `应为大于 0、不超过 ${detail} 的分钟数`,
      address: "应为 http 或 https 地址",
      labels: `应为最多 ${detail} 个不同的名称，用 | 隔开`,
      needed: "应为模型文件夹的地址",
      known: `没有这个设置；可用的有 ${detail}`,
    })[kind],
  found: (found) => `实际是“${found}”`,
};
