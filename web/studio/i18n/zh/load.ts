/**
 * The texts of step 1, in Chinese.
 */
import type { load as englishLoad } from "../en/load.ts";
import { megabytes } from "./amounts.ts";
import { autoReason } from "./device-reasons.ts";

export const load: typeof englishLoad = {
  none: "请先在第 1 步加载模型。",
  confirm: "训练正在进行。要加载另一个模型并放弃这次训练吗？",
  defaultTitle: "本页自带的模型",
  defaultText: "随页面附带的小模型，速度快。没有特别想用的模型时，选它就好。",
  defaultButton: "加载",
  defaultName: "自带模型",
  ownTitle: "你自己的模型",
  drop: "把模型的文件夹或文件拖到这里：config.json、tokenizer.json（或 vocab.txt）和 model.safetensors。",
  pickFiles: "选择文件",
  pickFolder: "选择文件夹",
  addressTitle: "从网址加载",
  address: "模型文件夹的网址",
  addressHelp: "只从那里取模型文件，不会发送任何其他内容。",
  fetch: "获取",
  badAddress: (address) => `这里需要一个文件夹的 http 或 https 网址，得到的是“${address}”。`,
  missing: (missing, found) => `缺少：${missing}。找到的有：${found}。`,
  missingHint: "请一次选中模型的全部文件，或选择它的文件夹。",
  pickle: (name) => `${name} 是 Python pickle，可能会运行代码。请改用 safetensors 重新保存模型。`,
  device: "在哪里计算",
  deviceHelp: "WebGPU 使用图形处理器；CPU 到处都能用。下次加载或训练时生效。",
  devices: { auto: "自动", webgpu: "WebGPU", wasm: "CPU" },
  cpu: "CPU",
  webgpuYes: (adapter) =>
    `这个浏览器提供 WebGPU${adapter ? `（${adapter}）` : ""}。“自动”会两种都试一下，用更快的那个。`,
  webgpuNo: (reason) => `在这里，“自动”就是 CPU：${reason}。`,
  autoReason,
  loading: (name) => `正在加载：${name}`,
  stages: {
    library: "正在获取计算部分",
    download: "正在获取",
    device: "正在打开设备",
    model: "正在搭建模型",
  },
  cancel: "取消",
  saidReady: (name) => `${name} 已加载。`,
  loaded: (name) => `已加载：${name}`,
  useNow: "直接使用",
  facts: {
    device: "计算设备",
    because: (device, reason) => `${device}（${reason}）`,
    architecture: "类型",
    size: "大小",
    sizeText: (layers, hidden, heads) => `${layers} 层，每个词元 ${hidden} 个数，${heads} 个注意力头`,
    parameters: "参数",
    parametersText: (parameters, bytes) =>
      `${(parameters / 1e4).toFixed(0)} 万（读取了 ${megabytes(bytes)}）`,
    vocabulary: "词表",
    vocabularyText: (size) => `${size.toLocaleString("zh")} 个词片`,
    pooling: "文本摘要",
  },
  fit: {
    ownHead: (labels) => `它已经会把文本分成 ${labels} 个标签：`,
    noHead: "它还没有输出标签的那一层。训练开始时会按你的标签新建一层；在那之前，这一层什么都不会。",
    added: (n) => `文件里没有的 ${n} 个张量会从头开始。`,
    unused: (n) => `文件里有 ${n} 个张量在分类时用不上，已放在一边。`,
    allUsed: "文件里的每个张量都用上了。",
    names: "名称",
  },
};
