// bertlet for Node.js: the page's library, whose workers are threads of Node. Built as node.js beside bertlet.js. What
// the browser can do is nothing to ask here, so `probe` is not among it.

import "./worker-class.ts";

export type * from "../../bertlet.d.ts";
export { BertletError, Classifier, compare, splitRows, version } from "../../src/index.ts";
