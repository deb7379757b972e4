/**
 * The texts of step 1, in Chinese.
 */
import type { load as englishLoad } from "../en/load.ts";
import { megabytes, size as sizeOf } from "./amounts.ts";
import { autoReason } from "./device-reasons.ts";

export const load: typeof englishLoad = {
  none: "请先在第 1 步加载模型。",
  defaultTitle: "从英文小模型开始",
  defaultText: "随页面附带的英文小模型，速度快。没有特别想用的模型时，选它就好。",
  defaultButton: (bytes, kept) =>
    kept || bytes === undefined ? "加载" : `加载（${sizeOf(bytes)}，下次不用再下载）`,
  defaultName: "默认模型",
  ownTitle: "你自己的模型",
  drop: "把模型的文件夹、它的 zip 压缩包或文件拖到这里：config.json、tokenizer.json（或 vocab.txt）和 model.safetensors。",
  pickFiles: "选择文件",
  pickFolder: "选择文件夹",
  missing: (missing, found) => `缺少：${missing}。找到的有：${found}。`,
  missingHint: "请一次选中模型的全部文件，或选择它的文件夹。",
  pickle: (name) => `${name} 是 Python pickle，可能会运行代码。请改用 safetensors 重新保存模型。`,
  device: "在哪里计算",
  deviceHelp: "WebGPU 使用图形处理器；CPU 在哪里都能用。改动在下次加载或训练时生效。",
  devices: { auto: "自动", webgpu: "WebGPU", wasm: "CPU" },
  cpu: "CPU",
  webgpuYes: (adapter) =>
    `这个浏览器支持 WebGPU${adapter ? `（${adapter}）` : ""}。“自动”会测一测 WebGPU 和 CPU，选快的那个。`,
  webgpuNo: (reason) => `在这里，“自动”会选 CPU：${reason}。`,
  autoReason,
  loading: (name) => `正在加载：${name}`,
  stages: {
    library: "正在下载计算引擎",
    download: "正在下载",
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
    architecture: "架构",
    size: "大小",
    sizeText: (layers, hidden, heads) => `${layers} 层，隐藏维度 ${hidden}，${heads} 个注意力头`,
    parameters: "参数",
    parametersText: (parameters, bytes) =>
      `${(parameters / 1e4).toFixed(0)} 万（读取了 ${megabytes(bytes)}）`,
    vocabulary: "词表",
    vocabularyText: (size) => `${size.toLocaleString("zh")} 个子词（token）`,
    pooling: "池化",
  },
  fit: {
    ownHead: (labels) => `它已经会把文本分成 ${labels} 个标签：`,
    noHead: "它还没有用于标签的输出层。训练时会按你的标签新建一层，权重从头开始。",
    added: (n) => `文件里缺 ${n} 个张量，它们的权重从头开始。`,
    unused: (n) => `文件里有 ${n} 个张量在分类时用不上。`,
    allUsed: "文件里的每个张量都用上了。",
    names: "名称",
  },
};
