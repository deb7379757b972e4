/**
 * What the live parts of a lesson say, in the page's language. All other texts are in texts/.
 */
const en = {
  ask: (texts: number) => `Ask all ${texts}`,
  trainFirst: "Press Train in the classifier first. Then ask again.",
  right: "right",
  wrong: "wrong",
  summary: (correct: number, texts: number) => `${correct} of ${texts} answers are right.`,
  failed: (message: string) => `That did not work: ${message}`,
  rows: (count: string) => `The classifier now has these examples: ${count}. Press Train.`,
  tokenCount: (tokens: number, unknown: number) => `${tokens} tokens, ${unknown} of them unknown.`,
  tokensOf: "Tokens and their numbers",
  loading: "The model is loading. Wait a little, then press again.",
  nearest: (text: string) => `The nearest examples to “${text}”`,
  example: "Example",
  label: "Label",
  closeness: "Closeness",
  noRows: "The classifier has no examples.",
  empty: "Type a text first.",
  requestCount: (count: number) =>
    count === 0 ? "No new request since you pressed." : `${count} new requests since you pressed:`,
};

const zh: typeof en = {
  ask: (texts) => `一次问完 ${texts} 句`,
  trainFirst: "请先在分类器里按“训练”，然后再问。",
  right: "对",
  wrong: "错",
  summary: (correct, texts) => `${texts} 个回答中对了 ${correct} 个。`,
  failed: (message) => `没有成功：${message}`,
  rows: (count) => `分类器现在的例子：${count}。请按“训练”。`,
  tokenCount: (tokens, unknown) => `共 ${tokens} 个 token，其中 ${unknown} 个不认识。`,
  tokensOf: "token 和它们的编号",
  loading: "模型还在加载。请稍等，再按一次。",
  nearest: (text) => `离“${text}”最近的例子`,
  example: "例子",
  label: "标签",
  closeness: "接近程度",
  noRows: "分类器里还没有例子。",
  empty: "请先输入一句话。",
  requestCount: (count) => (count === 0 ? "按下之后没有新的请求。" : `按下之后有 ${count} 个新的请求：`),
};

export const words = document.documentElement.lang.startsWith("zh") ? zh : en;
