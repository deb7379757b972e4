/**
 * Takes rows; gives a spreadsheet. Its writer is large: it is fetched with the first one, and works beside the page.
 */
import { PageError } from "../i18n/messages.ts";
import type { Grid, Written } from "./workbook-writer.ts";

/** Rows as an .xlsx. */
export async function spreadsheetOf(grid: Grid): Promise<Blob> {
  const bytes = (await inWorker(grid)) ?? (await writer()).workbookOf(grid);
  return new Blob([bytes], { type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" });
}

function writer(): Promise<typeof import("./workbook-writer.ts")> {
  return import("./workbook-writer.ts").catch(() => {
    throw new PageError("fetch-failed", (t) => t.use.noWriter);
  });
}

/** Undefined where no worker starts. Throws the writer's fault. */
function inWorker(grid: Grid): Promise<Uint8Array<ArrayBuffer> | undefined> {
  return new Promise((resolve, reject) => {
    if (typeof Worker === "undefined") {
      resolve(undefined);
      return;
    }
    const worker = new Worker(new URL("./workbook-writer.js", import.meta.url), { type: "module" });
    worker.onerror = () => {
      worker.terminate();
      resolve(undefined);
    };
    worker.onmessage = ({ data }: MessageEvent<Written>) => {
      worker.terminate();
      if ("workbook" in data) resolve(data.workbook);
      else reject(new Error(data.fault));
    };
    worker.postMessage(grid);
  });
}
