// A person's own files for the benchmark: a checkpoint's folder put on the site, rows read from CSV.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import Papa from "papaparse";
import type { LabelledText } from "../../../web/bertlet.d.ts";
import { type Site, send } from "../../support/serve.ts";

/** The checkpoint becomes the site's folder "user/". */
export function serveCheckpoint(site: Site, folder: string): void {
  for (const name of ["config.json", "tokenizer.json", "model.safetensors"]) {
    site.answer(`user/${name}`, (response) => send(response, 200, ".bin", readFileSync(join(folder, name))));
  }
}

export function rowsOf(folder: string, file: string): LabelledText<string>[] {
  const text = readFileSync(join(folder, file), "utf8");
  const { data } = Papa.parse<LabelledText<string>>(text, { header: true, skipEmptyLines: true });
  return data.map(({ text, label }) => ({ text, label }));
}
