/**
 * The texts of opening adapters and of choosing among them, in Chinese.
 */
import type { adapters as englishAdapters } from "../en/adapters.ts";
import { isolated } from "../isolated.ts";

export const adapters: typeof englishAdapters = {
  title: "打开适配器",
  help: "适配器是 Python 的 peft 库的文件夹，内有 adapter_config.json 和 adapter_model.safetensors。第 6 步会保存这样的文件夹；在别处用 LoRA、AdaLoRA、软提示或前缀训练的也可以打开。它必须是在当前加载的模型上训练的。",
  drop: "把文件夹、它的 zip 压缩包或它的两个文件拖到这里。",
  pickFolder: "选择文件夹",
  pickFiles: "选择文件",
  missingHint: "请一次选中两个文件，或选择它们的文件夹。",
  alone: "这是适配器，不是模型。请先加载训练它时所用的模型，再打开它。",
  choose: "使用哪个适配器",
  chooseHelp: "所有适配器共用内存里的同一个模型，所以切换不花时间。",
  trained: "在这里训练的",
  none: "只用模型本身",
  noneHelp: "预测它自带的标签。",
  base: (base) => `训练于 ${base}`,
  labels: (labels) =>
    `${labels.slice(0, 6).map(isolated).join(" · ")}${labels.length > 6 ? ` …（共 ${labels.length} 个）` : ""}`,
  said: (name) => `现在使用：${name}。`,
  atWork: "模型正忙时，不能更换适配器。",
};
