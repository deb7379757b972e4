// The library's public API, as bertlet.d.ts describes it. No logic.

export type * from "../bertlet.d.ts";
export { version } from "../package.json";
export { Classifier } from "./classifier.ts";
export { compare } from "./comparison.ts";
export { BertletError } from "./errors.ts";
export { probe } from "./features.ts";
export { splitRows } from "./splitting.ts";
