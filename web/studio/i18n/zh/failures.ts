/**
 * What each error code means in one plain line, in Chinese: the library's codes, then the page's own.
 */
import type { failures as en } from "../en/failures.ts";

export const failures: typeof en = {
  "bad-config": "模型的 config.json 无法使用",
  "unsupported-architecture": "这不是 BERT 模型",
  "bad-tokenizer": "模型的分词器无法使用",
  "bad-weights": "模型的权重文件无法读取",
  "missing-tensor": "模型文件里缺了一部分",
  "shape-mismatch": "模型的权重与 config.json 不符",
  "unsupported-dtype": "权重所用的数值格式不受支持",
  "pickle-refused": "这种权重文件可能会运行代码，因此不予打开",
  "fetch-failed": "有文件没能取到",
  "bad-option": "有一个选项无法使用",
  "bad-row": "有一行数据无法使用",
  "unknown-label": "有一行的标签是模型不认识的",
  "no-webgpu": "这个浏览器不能使用 WebGPU",
  "no-wasm": "这个浏览器太旧，无法在此计算",
  "device-lost": "图形设备断开了",
  "out-of-memory": "内存不够",
  diverged: "训练发散了",
  "worker-crashed": "页面的计算部分停止了",
  aborted: "已停止",
  disposed: "这个模型已不在内存中",
  busy: "模型正忙于训练",
  "missing-file": "缺少模型的文件",
  "missing-adapter-file": "缺少附加部分的文件",
  "no-texts": "没有可以学习的文本",
  "bad-address": "这不是一个网址",
  "no-model": "还没有加载模型",
  "no-data": "还没有例子",
  "file-too-large": "文件太大",
  "not-text": "这不是文本文件",
  "empty-file": "文件是空的",
  "bad-jsonl": "这个文件不是 JSONL",
  "too-many-files": "文件太多",
};
