/**
 * Takes the files of a saved model; gives them as one zip. A file of its own, with client-zip in it, which is fetched with
 * the first download.
 */
import { downloadZip } from "client-zip";
import type { SavedCheckpoint } from "../src/index.ts";

const FOLDER = "my-classifier";

export function zipOf(files: SavedCheckpoint): Promise<Blob> {
  const entries = Object.entries(files).map(([name, input]) => ({
    name: `${FOLDER}/${name}`,
    input: input as Blob,
  }));
  return downloadZip(entries).blob();
}
