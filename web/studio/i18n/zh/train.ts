/**
 * The texts of a run in step 3, in Chinese.
 */
import type { train as englishTrain } from "../en/train.ts";
import { duration, many, percent } from "./amounts.ts";

export const train: typeof englishTrain = {
  needsModel: "请先加载模型。",
  needsData: "请先准备一些带标签的例子。",
  reportFound: (first, others) => (others > 0 ? `${first}另外还有 ${others} 处值得留意。` : first),
  reportLink: "怎么办",
  trained: (n, of) => (n >= of ? `训练全部 ${many(of)}个参数。` : `${many(of)}个参数中训练 ${many(n)}个。`),
  journal: (event) =>
    event.type === "resumed"
      ? `从浏览器里保存的第 ${event.step} 步继续${event.cause === undefined ? "" : "（模型曾重新启动）"}。`
      : event.kept === "weights"
        ? "浏览器的存储空间不足：这次训练只保存权重。"
        : "这次训练没有保存：浏览器没有空间。训练结束前请不要关闭页面。",
  restored: (epoch) => `第 ${epoch} 轮在验证集上最好（损失最低），保留的是它的权重。`,
  best: "最好",
  plan: "需要多久？",
  planning: "正在试算几步…",
  willTake: (steps, seconds, bytes) =>
    `共 ${steps} 步：大约需要 ${duration(seconds)}，占用 ${Math.round(bytes / 2 ** 20)} MB 内存。`,
  willNotFit: (bytes, limit, change) =>
    `一次训练大约需要 ${(bytes / 2 ** 30).toFixed(1)} GB 内存，而可用的只有 ${(limit / 2 ** 30).toFixed(1)} GB。${
      change
        ? `把批大小改为 ${change.batchSize}${change.maxLength ? `、最大长度改为 ${change.maxLength}` : ""} 就放得下。`
        : "请换一个小一点的模型。"
    }`,
  start: "开始训练",
  again: "重新训练",
  pause: "暂停",
  resume: "继续",
  stop: "停止",
  preparing: "正在准备模型和数据…",
  paused: "已暂停",
  stopping: "这一步结束后停止…",
  progressLabel: "训练进度",
  progress: (step, steps, epoch, epochs) =>
    `第 ${Math.max(1, epoch)} 轮，共 ${epochs} 轮；第 ${step} 步，共 ${steps} 步`,
  left: (seconds) => `大约还需 ${duration(seconds)}`,
  truncated: (rows) => `有 ${rows} 条文本按最大长度截断了。`,
  reasons: {
    finished: (steps, seconds) =>
      steps > 0 ? `完成：${steps} 步，用时 ${duration(seconds)}。` : `完成，用时 ${duration(seconds)}。`,
    stopped: (steps, seconds) => `在 ${steps} 步、${duration(seconds)} 后停止。已经学到的会保留。`,
    "early-stopping": (steps, seconds) =>
      `在 ${steps} 步、${duration(seconds)} 后提前停止：验证损失不再下降。`,
    diverged: (steps, seconds) =>
      `在 ${steps} 步、${duration(seconds)} 后训练变得不稳定。保留的是最后一组数值正常的权重。请调低学习率再试。`,
  },
  curves: "曲线",
  lossTitle: "损失",
  lossNow: "每一步",
  lossSmooth: "滑动平均",
  devLoss: "验证损失",
  trainLoss: "训练损失",
  accuracyTitle: "每轮之后在验证集上",
  accuracy: "正确率",
  macroF1: "宏平均 F1",
  step: "步",
  epoch: "轮",
  seconds: "秒",
  curvesHelp: "损失应该下降。如果验证损失上升而训练损失还在下降，说明模型过拟合了：到此为止就好。",
  lossSummary: (first, last, steps) =>
    first === undefined || last === undefined
      ? "还没有步骤。"
      : `${steps} 步内从 ${first.toFixed(3)} 到 ${last.toFixed(3)}。`,
  accuracySummary: (epoch, accuracy, f1) =>
    `第 ${epoch} 轮之后：正确率 ${percent(accuracy)}，宏平均 F1 ${f1.toFixed(3)}。`,
  noDevYet: "还没有测量结果。",
  numbers: "曲线的数值",
  saidEpoch: (epoch, loss, accuracy) =>
    `第 ${epoch} 轮：损失 ${loss.toFixed(3)}${accuracy === undefined ? "" : `，验证正确率 ${percent(accuracy)}`}。`,
};
