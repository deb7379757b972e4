// Files that a page sends to the driver, by POST to "sent/NAME" of the site.

import { type Site, send } from "../../support/serve.ts";

/** The files of `names` as they come; a later one of a name takes the place of an earlier. */
export function receive(site: Site, names: readonly string[]): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (const name of names) {
    site.answer(`sent/${name}`, async (response) => {
      const parts: Buffer[] = [];
      for await (const part of response.req) parts.push(part);
      files.set(name, Buffer.concat(parts));
      send(response, 200, ".html", "");
    });
  }
  return files;
}
