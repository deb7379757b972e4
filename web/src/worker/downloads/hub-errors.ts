// Takes a Hub's refusal of a file, by its header X-Error-Code; gives the error that says which of its causes it is.
// Hubs answer 401 for models that are missing, private or gated, so the status alone does not tell.

import { BertletError } from "../../shared/errors.ts";

/** undefined for an answer that is no Hub's, and for a missing file, which may be an optional one. */
export function hubError(name: string, url: string, response: Response): BertletError | undefined {
  const model = modelAt(url);
  if (model === undefined) return undefined;
  const { host, id, page, revision } = model;
  switch (response.headers.get("x-error-code") ?? unnamed(response.status)) {
    case "RepoNotFound":
      return new BertletError(
        "unknown-model",
        `${name}: ${host} has no model ${id}, or it is private`,
        "check the id: it is owner/name, as at the top of the model's page",
      );
    case "GatedRepo":
      return new BertletError(
        "gated-model",
        `${name}: ${host} gives the files of ${id} only to people who accepted its terms and are signed in`,
        `accept the terms at ${page}; then download its files there and load that folder, or pass a token by the option headers`,
      );
    case "RevisionNotFound":
      return new BertletError(
        "unknown-revision",
        `${name}: ${id} has no revision ${JSON.stringify(revision)} on ${host}`,
        `take a branch, tag or commit from the list of files at ${page}/tree/main`,
      );
    default:
      return undefined;
  }
}

/** A mirror may keep the header to itself. */
function unnamed(status: number): string | undefined {
  return status === 401 ? "RepoNotFound" : undefined;
}

/** The model whose file an address is, by the form that all Hubs give it. */
function modelAt(url: string): { host: string; id: string; page: string; revision: string } | undefined {
  const { protocol, host, pathname, origin } = new URL(url);
  const [, before, id, revision] = /^(.*?\/)((?:[^/]+\/)?[^/]+)\/resolve\/([^/]+)\//.exec(pathname) ?? [];
  if (id === undefined || revision === undefined || !/^https?:$/.test(protocol)) return undefined;
  return { host, id, page: `${origin}${before}${id}`, revision: decodeURIComponent(revision) };
}
