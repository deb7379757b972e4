/**
 * The texts of step 2, and what is wrong with a file or its rows, in Chinese.
 */
import type { data as englishData, parse as englishParse, rows as englishRows } from "../en/data.ts";

export const data: typeof englishData = {
  ownTitle: "你自己的数据",
  drop: "把一到三个文件拖到这里：CSV、TSV 或 JSONL。",
  pick: "选择文件",
  formats: "每行一个例子：一列是文本，一列是标签。每个文件不超过 50 MB。",
  sampleTitle: "先用示例玩一玩",
  sampleText: "公共图书馆服务台收到的问题，按该由谁回答来分类。",
  samples: { en: "英文示例", zh: "中文示例" },
  sampleNote: "默认模型是用英文文本训练的。",
  reading: "正在读取…",
  said: (train, dev, test) => `数据已就绪：训练 ${train} 行，验证 ${dev} 行，测试 ${test} 行。`,
  tooMany: (most, given) => `最多可以有 ${most} 个文件（训练、验证、测试），现在有 ${given} 个。`,
  noSample: (name, status) => `示例 ${name} 没能取到：服务器返回 ${status}。`,
  filesTitle: "文件和列",
  whileTraining: "当前的训练仍使用开始时的数据。",
  file: "文件",
  rows: "行数",
  part: "用作",
  firstLine: "格式",
  roleOf: (name) => `${name} 用作什么`,
  splitBelow: "在下面划分",
  header: "首行是列名",
  remove: "移除",
  removeFile: (name) => `移除 ${name}`,
  textColumn: "文本所在的列",
  textColumnHelp: "模型要读的内容。",
  labelColumn: "标签所在的列",
  labelColumnHelp: "模型应给出的答案。",
  preview: "前几行",
  noticesTitle: "值得留意",
  inspecting: "正在查看数据…",
  reportTitle: "数据报告",
  place: (part, row) => `${part}第 ${row} 行`,
  asIn: (place) => `（同${place}）`,
  blocked: "请先解决标着“必须修正”的问题，然后就可以训练了。",
  labelsTitle: (n) => `${n} 个标签`,
  labelsCaption: "每个标签的行数",
  label: "标签",
  moreLabels: (n) => `另外 ${n} 个`,
  splitTitle: "训练、验证和测试",
  partHelp: { train: "模型从这些行学习", dev: "每轮之后用来评估", test: "最后用来评估" },
  seed: "划分的随机种子",
  seedHelp: (train, dev, test) =>
    `换一个种子，就换一种分法。每个标签都按 ${train}%、${dev}%、${test}% 划分。`,
};

export const parse: typeof englishParse = {
  tooLarge: (name, size, most) => `${name} 有 ${size.toFixed(1)} MB，每个文件最多 ${most} MB。`,
  tooLargeHint: "请减少行数：微调有几千行就足够了。",
  encoding: (name, encoding) =>
    `${name} 不是 UTF-8，已按 ${encoding} 读取。如果文字显示不对，请另存为 UTF-8。`,
  empty: (name) => `${name} 里没有任何行。`,
  spreadsheet: (name) => `${name} 是电子表格或压缩文件。`,
  spreadsheetHint: "请另存为 CSV（UTF-8）后再拖进来。",
  binary: (name) => `${name} 不是本页认识的任何编码的文本。`,
  quotes: (name) => `${name} 里有不成对的引号，请检查这些行。`,
  shifted: (name, rows, columns) =>
    `${name}：有 ${rows} 行的单元格比 ${columns} 列还多，已略去。可能有逗号没加引号。`,
  badLines: (name, lines, first) => `${name}：有 ${lines} 行不是 JSON 对象。第 ${first}`,
  jsonHint: 'JSONL 每行一个对象，例如 {"text": "…", "label": "…"}。',
};

export const rows: typeof englishRows = {
  sameColumn: "文本和标签选了同一列，请选两个不同的列。",
  noTrain: "没有可用来训练的行。",
  oneLabel: (label) => `训练用的行都是同一个标签${label ? `（${label}）` : ""}，至少需要两个。`,
  manyLabels: (labels, rows) => `${rows} 行里有 ${labels} 个标签：标签列选对了吗？`,
  unknownLabels: (part, labels, rows) => `${part}：略去 ${rows} 行，因为有 ${labels} 个标签在训练集里没有。`,
  noDev: "没有验证文件，因此没有验证曲线。",
  noTest: "没有测试文件，将用验证集来评估。",
  noColumn: (file, column) => `${file} 没有“${column}”这一列。`,
  emptyText: (file, rows) => `${file}：略去 ${rows} 行没有文本的行。`,
  emptyLabel: (file, rows) => `${file}：略去 ${rows} 行没有标签的行。`,
};
