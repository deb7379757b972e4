/**
 * The names that columns of texts and of labels usually have.
 */

export const TEXT_NAMES = [
  "text",
  "texts",
  "sentence",
  "utterance",
  "message",
  "content",
  "query",
  "question",
  "review",
  "patterns",
  "文本",
  "句子",
  "内容",
  "问题",
  "正文",
  "评论",
];
export const LABEL_NAMES = [
  "label",
  "labels",
  "category",
  "class",
  "intent",
  "target",
  "topic",
  "sentiment",
  "tag",
  "标签",
  "类别",
  "分类",
  "意图",
  "情感",
];
