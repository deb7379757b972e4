// Takes an order; runs it inside the page that it is evaluated in, through the public API alone.
// These functions are sent to the page as text: they may use nothing outside themselves but the page's globals.

import type {
  BertletError,
  Classifier,
  EndEvent,
  FinetuneData,
  FinetuneEvent,
  FinetuneOptions,
  LoadOptions,
  ModelInfo,
} from "../bertlet.d.ts";

export interface Order {
  library: string;
  checkpoint: string;
  device: NonNullable<LoadOptions["device"]>;
  labels: readonly string[];
  data: FinetuneData;
  recipe: FinetuneOptions;
}

/** What the page is given by the script, and keeps for it. */
interface PageGlobals {
  loaded(info: ModelInfo): Promise<void>;
  happened(event: FinetuneEvent): Promise<void>;
  classifier?: Classifier;
}

/** Loads, fine-tunes and reports each event; the classifier stays in the page. */
export async function inPage(order: Order): Promise<{ end: EndEvent } | { failure: string }> {
  const page = globalThis as unknown as PageGlobals;
  try {
    const library: typeof import("../bertlet.d.ts") = await import(order.library);
    const { device, labels } = order;
    const classifier = await library.Classifier.load(order.checkpoint, { device, labels });
    page.classifier = classifier;
    await page.loaded(classifier.info);
    const run = classifier.finetune(order.data, order.recipe);
    for await (const event of run) await page.happened(event);
    return { end: await run.result };
  } catch (error) {
    const { code, message, hint } = error as Partial<BertletError>;
    return {
      failure: [code, message ?? String(error), hint].filter((part) => part !== undefined).join(": "),
    };
  }
}

/** Makes a download link of each of the tuned model's files and gives their names. */
export async function saveInPage(): Promise<string[]> {
  const { classifier } = globalThis as unknown as PageGlobals;
  if (classifier === undefined) throw new Error("nothing was fine-tuned in this page");
  const files = Object.entries(await classifier.save());
  for (const [name, blob] of files) {
    const link = document.createElement("a");
    Object.assign(link, { id: name, download: name, href: URL.createObjectURL(blob) });
    document.body.append(link);
  }
  return files.map(([name]) => name);
}
