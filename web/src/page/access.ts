// Takes the options about fetching and a checked source; says to which origin headers may go, and how files are fetched.

import type { LoadOptions } from "../../bertlet.d.ts";
import { BertletError } from "../shared/errors.ts";
import type { Access, AdapterRequest, CheckpointRequest } from "../shared/loading-requests.ts";

/** Headers are for the origin of the folder, or of its config where the files are given one by one. */
export function accessOf(
  call: string,
  source: CheckpointRequest | AdapterRequest,
  { headers, fetch }: Pick<LoadOptions, "headers" | "fetch">,
): Access {
  const access: Access = { byPage: fetch !== undefined };
  if (headers === undefined) return access;
  const url = "folder" in source ? source.folder : urlOf(source);
  if (url === undefined) {
    throw new BertletError(
      "bad-option",
      `${call}: option headers must come with a source that is fetched by its URL`,
      "give the folder by its URL, or leave headers out",
    );
  }
  return { ...access, headers: { ...headers }, origin: new URL(url).origin };
}

function urlOf(source: Exclude<CheckpointRequest | AdapterRequest, { folder: string }>): string | undefined {
  return "config" in source && "url" in source.config ? source.config.url : undefined;
}
