// Every operation that the tests hold alone: a new one is added to the file of its kind.

import { denseOperations } from "./dense.ts";
import type { Operation } from "./float64.ts";
import { layersOperations } from "./layers.ts";
import { lossesOperations } from "./losses.ts";
import { tablesOperations } from "./tables.ts";
import { updatesOperations } from "./updates.ts";

export const operations: Operation[] = [
  ...denseOperations,
  ...tablesOperations,
  ...layersOperations,
  ...lossesOperations,
  ...updatesOperations,
];
