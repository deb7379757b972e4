/**
 * The texts of the records of runs and of the report page, in Chinese.
 */
import type { records as english } from "../en/records.ts";
import { isolated } from "../isolated.ts";
import { duration, percent } from "./amounts.ts";

export const records: typeof english = {
  title: "训练记录",
  help: "供存档、给同事或给别的程序使用。里面只有标签名和数字，没有你的任何文本。",
  report: "可打印或发送的报告",
  json: "JSON",
  csv: "CSV",
  tensorboard: "TensorBoard",
  tensorboardHelp: "解压 zip，然后运行：tensorboard --logdir bertlet-runs",
  failed: "没能取到写记录的程序。请检查网络，再试一次。",
  made: (name) => `${name} 已生成。`,
  of: (project, run) => `${isolated(project)}：第 ${run} 次训练`,
  ended: (when) => new Date(when).toLocaleString("zh-CN", { dateStyle: "long", timeStyle: "short" }),
  scores: "效果如何",
  right: (right, of) => `${of} 条中对了 ${right} 条（${percent(right / of)}）`,
  likely: (low, high) =>
    `换一批类似的文本，正确率大致在 ${percent(low)} 到 ${percent(high)} 之间（95% Wilson 区间）。`,
  exact: "一条文本的标签全部答对、不多不少，才算对。",
  tooFew: (of) => `${of} 条文本太少，说明不了什么。`,
  devOnly: "这些是验证文本：训练可能参考过它们，真实的效果也许更低。",
  notEvaluated: "这次训练没有评估：没有留出文本。",
  labels: "每个标签的分数",
  curves: "曲线",
  loss: "训练文本的损失",
  epochLoss: "每一轮的平均",
  devLoss: "验证文本的损失",
  devAccuracy: "验证文本上的正确率",
  step: "步",
  epoch: "轮",
  lossSummary: (first, last) => `从 ${first.toFixed(3)} 到 ${last.toFixed(3)}。`,
  mixedUp: "最常弄混的",
  took: "当成了",
  times: "次数",
  confusion: "混淆矩阵",
  reliability: "它的把握可信吗？",
  reliabilityHelp: (error) =>
    `横条是答对的比例，竖线是它自己的把握。期望校准误差：${(error * 100).toFixed(1)} 个百分点。`,
  sure: "把握",
  answers: "回答数",
  data: "数据和选项",
  base: "起始模型",
  trainRows: "训练文本",
  heldRows: "用来评估的文本",
  time: "用时",
  duration,
  environment: "在哪里计算",
  places: {
    bertlet: "bertlet",
    device: "设备",
    adapter: "图形处理器",
    threads: "线程",
    browser: "浏览器",
  },
  others: "其他训练",
  limits: "局限",
  limit: [
    "它只认识自己的标签。别的文本也会被分到其中一个。",
    "评估用的文本和训练用的相似。换了来源或时间，效果可能更差。",
    "得分高并不保证正确。重要的回答请由人来看。",
  ],
  noTexts: "本页不含任何文本。",
};
