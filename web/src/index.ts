// The library's public API, as bertlet.d.ts describes it. No logic.

export type * from "../bertlet.d.ts";
export { version } from "../package.json";
export { Classifier } from "./page/classifier.ts";
export { compare } from "./page/compare.ts";
export { splitRows } from "./page/split.ts";
export { probe } from "./shared/capabilities.ts";
export { BertletError } from "./shared/errors.ts";
