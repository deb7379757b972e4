/**
 * The texts of steps 5 and 6, in Chinese.
 */
import type { keep as englishKeep, use as englishUse } from "../en/use.ts";
import { megabytes, percent, size } from "./amounts.ts";

export const use: typeof englishUse = {
  notTrained: "这个模型还没有训练过的标签，请先训练。",
  whileTraining: "训练正在进行。预测用的是最近一步的权重。",
  oneTitle: "一段文本",
  text: "文本",
  textHelp: "也可以按 Ctrl + Enter。",
  placeholder: "输入或粘贴一段文本…",
  classify: "分类",
  verdict: "最有可能：",
  scores: "每个标签的得分",
  score: "得分",
  scoresHelp: "得分加起来是 100%。得分高并不等于一定对。",
  said: (label, score) => `${label}，${percent(score)}`,
  fileTitle: "整个文件",
  drop: "把一个 CSV、TSV 或 JSONL 文件拖到这里。",
  pick: "选择文件",
  fileRows: (rows) => `${rows} 行`,
  classifyFile: "给文件分类",
  fileProgress: (done, of) => `${done} / ${of}`,
  fileDone: (rows) => `已给 ${rows} 行打上标签。`,
  downloadCsv: "下载 CSV",
  csvHelp: "CSV 里有文件原有的列，加上标签和每个得分。会被电子表格当作公式执行的单元格，以撇号开头。",
};

export const keep: typeof englishKeep = {
  title: "下载",
  dtype: "精度",
  dtypes: { f32: "全精度（f32）", f16: "半精度（f16）" },
  dtypeHelp: { f32: "得到与这里完全一致的回答。", f16: "体积减半，回答只在末位数字上有差别。" },
  about: (bytes) => `大约 ${megabytes(bytes)}。`,
  size,
  merged: "适配器已并入权重，所以凡是能用 BERT 的地方都能用它。",
  adapterTitle: "只要适配器",
  adapterHelp:
    "供 Python 的 peft 库使用的小文件夹。它需要你在第 1 步加载的模型；一个模型可以有许多个适配器。",
  adapter: "下载适配器",
  adapterSaved: "适配器已保存。",
  adapterUse: "怎么用",
  adapterInPage: "在网页里",
  adapterPooling:
    "在 Python 里，peft 需要池化方式相同的基础模型。transformers 自带的类只用 BERT 自带的池化层。",
  zip: "下载为一个 zip",
  saving: "正在保存…",
  saved: "模型已保存。",
  oneByOne: "逐个下载文件",
  make: "生成文件",
  python: "在 Python 里使用",
  pythonHelp: (folder) => `解压 zip，会得到文件夹 ${folder}。装好 torch 和 transformers 之后：`,
  remoteCode:
    "transformers 自带的类既没有这种池化，也没有瓶颈层，所以 zip 里有 modeling_bertlet.py。trust_remote_code 允许运行这个文件。它很短，请先读一遍。",
  onnx: {
    title: "用于 transformers.js 和 onnxruntime",
    help: "同一个分类器的 ONNX 版本，供只做分类的网页和服务器使用。本页面不能再打开它，所以也请保留上面的模型。",
    dtypes: { f32: "全精度（f32）", int8: "8 位（int8）" },
    dtypeHelp: { f32: "得到与这里相同的回答。", int8: "体积为四分之一，少数回答会变。" },
    zip: "下载 ONNX 文件夹",
    use: "在 transformers.js 里使用",
  },
  away: {
    title: "到别处继续训练",
    help: "适合更多或更快的机器：一个供 Python 使用的 zip，内有脚本、训练设置、例子和模型。其中含有你的例子，请只交给可以看它们的人。",
    fromStart: "从第 1 步的模型开始，用第 3 步的训练设置。",
    underWay: "训练正在进行：会从当前这一步继续。",
    zip: "下载这次训练（.zip）",
    working: (share) => `正在打包… ${percent(share)}`,
    saved: "这次训练已保存。",
    use: "怎么继续",
    dropout:
      "检查会在没有 dropout 的情况下做 20 步，把每一步的损失与本页比较。有 dropout 时，两次训练只在平均意义上一致。得到的结果可以在这里打开：在第 1 步选择文件夹 out/model。",
  },
  copy: "复制",
  copied: "已复制",
};
