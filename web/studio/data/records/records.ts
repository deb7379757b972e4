/**
 * The writers of records, in a file of their own that the page fetches with the first record.
 */
export { modelCard } from "./model-card.ts";
export { reportPage } from "./report.ts";
export { runsCsv, runsJson } from "./tables.ts";
export { eventFile, eventFileName } from "./tensorboard.ts";
