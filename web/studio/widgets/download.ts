/**
 * Takes a file; hands it to the browser's downloads.
 */
import { h } from "./dom.ts";

export function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = h("a", { href: url, download: name });
  link.click();
  // Some browsers cancel the download if the blob is released at once.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
