/**
 * The texts of opening adapters and of choosing among them, in Chinese.
 */
import type { adapters as englishAdapters } from "../en/adapters.ts";

export const adapters: typeof englishAdapters = {
  title: "打开附加部分（适配器）",
  help: "Python peft 的文件夹，内有 adapter_config.json 和 adapter_model.safetensors：可以是第 6 步保存的，也可以是在别处用 LoRA、AdaLoRA、软提示或前缀训练的。它必须是在当前加载的模型上训练的。",
  drop: "把文件夹或它的两个文件拖到这里。",
  pickFolder: "选择文件夹",
  pickFiles: "选择文件",
  missingHint: "请一次选中两个文件，或选择它们的文件夹。",
  alone: "这是附加部分，不是模型：请先加载训练它时所用的模型，再打开它。",
  choose: "由谁回答",
  chooseHelp: "大家共用内存里的同一个模型，所以切换不花时间。",
  trained: "在这里训练的",
  none: "只用模型本身",
  noneHelp: "用它自带的标签。",
  base: (base) => `训练于 ${base}`,
  labels: (labels) =>
    `${labels.slice(0, 6).join(" · ")}${labels.length > 6 ? ` …（共 ${labels.length} 个）` : ""}`,
  said: (name) => `现在回答的是：${name}。`,
  atWork: "模型正在工作时，不能更换由谁回答。",
};
