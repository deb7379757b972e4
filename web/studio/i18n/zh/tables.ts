/**
 * The texts about reading files as tables, in Chinese: what is wrong with a file, and the choices of how to read it.
 */
import type {
  encodings as englishEncodings,
  parse as englishParse,
  reading as englishReading,
} from "../en/tables.ts";

export const parse: typeof englishParse = {
  tooLarge: (name, size, most) => `${name} 有 ${size.toFixed(1)} MB，每个文件最多 ${most} MB。`,
  tooLargeHint: "请减少行数：微调有几千行就足够了。",
  encoding: (name, encoding) =>
    `${name} 不是 UTF-8，已按 ${encoding} 读取。如果文字显示不对，请选择其他编码。`,
  empty: (name) => `${name} 里没有任何行。`,
  columns: (name, columns, most) => `${name} 有 ${columns} 列，最多只读 ${most} 列。`,
  columnsHelp: "请只留下文本列和标签列。分隔符选错时，也会变成很多列。",
  spreadsheetHint: "请另存为 CSV（UTF-8）后再拖进来。",
  badSpreadsheet: (name) => `${name} 无法作为电子表格读取，可能已损坏，或者是其他类型的文件。`,
  formulas: (name, formulas) => `${name}：有 ${formulas} 个公式没有算出的值，它们的单元格在这里是空的。`,
  formulasHelp: "请用电子表格软件打开这个文件，再保存一次。",
  hugeSpreadsheet: (name) => `${name} 的单元格太多，这个页面装不下。`,
  hugeHint:
    "请把文本列和标签列复制到一张新的工作表，另存为 CSV（UTF-8）。一直重复到表格边缘的单元格也算在内。",
  lockedSpreadsheet: (name) => `${name} 有密码保护。`,
  lockedHint: "请去掉密码后保存，或另存为 CSV（UTF-8）。",
  noReader: (name) => `${name} 是电子表格，但没能取到读取电子表格的程序。`,
  sheets: (name, sheet, others) => `${name}：使用的是工作表“${sheet}”。其他工作表：${others}。`,
  title: (name, lines) => `${name}：略去了列名上方的 ${lines} 行。`,
  damaged: (name, characters) => `${name} 里有 ${characters} 个损坏的字符，显示为 �。`,
  binary: (name) => `${name} 不是本页认识的任何编码的文本。`,
  swallowed: (name, lines) => `${name}：有 ${lines} 行夹在不成对的引号之间，已略过。`,
  quotes: (name) => `${name} 里有不成对的引号，请检查这些行。`,
  shifted: (name, rows, columns) =>
    `${name}：有 ${rows} 行的单元格比 ${columns} 列还多，已略去。可能有逗号没加引号。`,
  headers: (name, lines, first) =>
    `${name}：列名又出现在 ${lines} 行中，首次在第 ${first} 行；这些行不作为数据读取。`,
  badLines: (name, lines, first) => `${name}：有 ${lines} 行不是 JSON 对象。第 ${first}`,
  badJson: (name, fault) => `在 ${name} 里没有找到能读取的行${fault ? `：${fault}` : "。"}`,
  noObjects: (name, entries) => `${name}：有 ${entries} 项不是 JSON 对象，已略去。`,
  joinedLists: (name, lists) =>
    `${name} 有几个由行组成的列表，已合并读取：${lists}。若要保留原来的划分，请各存为一个文件。`,
  listsOfLabels: (name, labels) => `${name}：每个列表都作为一个标签的文本读取：${labels}。`,
  listedTexts: (name, records, rows) =>
    `${name}：有 ${records} 项各列出了多条文本，每条都单独成为一行，一共 ${rows} 行。`,
  otherLists: (name, others) => `${name}：读取了最长的列表。其他列表：${others}。`,
  jsonHint:
    '请每行写一个对象，或写成对象的数组，例如 {"text": "…", "label": "…"}。由 text 和 label 两个列表组成的对象也可以。',
};

export const reading: typeof englishReading = {
  encoding: (file) => `${file} 的编码`,
  encodingHelp: "如果下面的文字显示不对，请换一种编码。",
  encodingSample: (text) => `如果这里的文字显示不对，请换一种编码：“${text}”`,
  delimiter: (file) => `${file} 的单元格分隔符`,
  delimiterHelp: "只有一列的文件没有标签。",
  sheet: (file) => `${file} 的工作表`,
  oneColumn: "无：只有一列",
  delimiters: {
    ",": "逗号 ,",
    ";": "分号 ;",
    "\t": "制表符",
    "|": "竖线 |",
    "^": "脱字符 ^",
    "~": "波浪号 ~",
    ":": "冒号 :",
    " ": "空格",
  },
  unusual: "含有 é、字 一类字符的前几行",
  previewOf: (caption, file) => `${file}：${caption}`,
  byHand: "手动添加标签",
  byHandTitle: "手动标注",
  byHandHelp: "输入标签后按回车。没有标签的行会被略去。",
  labelOf: (row) => `第 ${row} 行的标签`,
  labelled: (done, of) => `已标注 ${done} / ${of}`,
  earlier: "前面的行",
  later: "后面的行",
};

export const encodings: typeof englishEncodings = {
  "utf-8": "Unicode（UTF-8）",
  "utf-16le": "Unicode（UTF-16 小端）",
  "utf-16be": "Unicode（UTF-16 大端）",
  "windows-1252": "西欧（Windows-1252）",
  "windows-1250": "中欧（Windows-1250）",
  "windows-1251": "西里尔文（Windows-1251）",
  "windows-1253": "希腊文（Windows-1253）",
  "windows-1254": "土耳其文（Windows-1254）",
  "windows-1255": "希伯来文（Windows-1255）",
  "windows-1256": "阿拉伯文（Windows-1256）",
  "windows-1257": "波罗的海文（Windows-1257）",
  "windows-1258": "越南文（Windows-1258）",
  "windows-874": "泰文（Windows-874）",
  "iso-8859-2": "中欧（ISO-8859-2）",
  "iso-8859-4": "波罗的海文（ISO-8859-4）",
  "iso-8859-5": "西里尔文（ISO-8859-5）",
  "iso-8859-6": "阿拉伯文（ISO-8859-6）",
  "iso-8859-7": "希腊文（ISO-8859-7）",
  "iso-8859-13": "波罗的海文（ISO-8859-13）",
  "iso-8859-15": "西欧（ISO-8859-15）",
  "koi8-r": "俄文（KOI8-R）",
  "koi8-u": "乌克兰文（KOI8-U）",
  ibm866: "西里尔文（DOS 866）",
  macintosh: "西欧（Macintosh）",
  "x-mac-cyrillic": "西里尔文（Macintosh）",
  gb18030: "简体中文（GB18030、GBK）",
  big5: "繁体中文（Big5）",
  shift_jis: "日文（Shift_JIS）",
  "euc-jp": "日文（EUC-JP）",
  "iso-2022-jp": "日文（ISO-2022-JP）",
  "euc-kr": "韩文（EUC-KR）",
};
