// Takes a Hub id, or the address of a model's page on a Hub; gives the model, its folder's address and its
// description's. Throws `bad-option` for a page of something else. Fetches nothing.

import { LOAD } from "./defaults.ts";
import { BertletError, describe } from "./errors.ts";

/** A model on a Hub, at one revision. */
export interface HubModel {
  /** The Hub's address, with a "/" at its end. */
  host: string;
  /** "owner/name"; of the oldest models "name". */
  id: string;
  revision: string;
  /** The folder within the model, such as "onnx/"; "" for its own. */
  inside: string;
}

/** A folder's relative URL differs from an id by a "/" or "." at its start, or a "/" at its end. */
const ID = /^[\w-][\w.-]{0,95}(\/[\w-][\w.-]{0,95})?$/;
/** What git takes for the name of a branch, tag or commit, as far as it matters in an address. */
const REVISION = /^(?!.*\.\.)[^\s~^:?*[\\\p{Cc}]{1,250}$/u;
/** Views of a model's page that name a revision. */
const VIEWS = ["tree", "blob", "raw", "resolve", "commit", "commits"];
/** First parts of an address on the Hub that are not owners. */
const SECTIONS = [
  "api",
  "blog",
  "collections",
  "datasets",
  "docs",
  "join",
  "learn",
  "login",
  "models",
  "new",
  "organizations",
  "papers",
  "posts",
  "pricing",
  "search",
  "settings",
  "spaces",
  "tasks",
];
/** Files by whose address a folder may be meant. */
const FILE = /\.(json|txt|safetensors|bin|md|onnx|h5|msgpack|py)$/i;
/** The short address of the Hub. */
const SHORT_HOST = "hf.co";

export function isHubId(text: string): boolean {
  return ID.test(text);
}

export function isRevision(text: string): boolean {
  return REVISION.test(text) && text !== ".";
}

/** The address of a Hub in one form; undefined where it is none. */
export function hubAddress(text: string): string | undefined {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.search !== "" || url.hash !== "" || url.username !== "" || url.password !== "") return undefined;
  return url.href.replace(/\/*$/, "/");
}

export function hubModel(
  id: string,
  { hubHost = LOAD.hubHost, revision = LOAD.revision }: { hubHost?: string; revision?: string },
): HubModel {
  return { host: hubAddress(hubHost) as string, id, revision, inside: "" };
}

/** The model of a page of the Hub at `hubHost`; undefined for the address of another host. */
export function modelOfPage(name: string, url: URL, hubHost: string = LOAD.hubHost): HubModel | undefined {
  const host = new URL(hubAddress(hubHost) as string);
  const short = url.host === SHORT_HOST && host.href === hubAddress(LOAD.hubHost);
  if (!/^https?:$/.test(url.protocol) || !(url.host === host.host || short)) return undefined;
  if (!`${url.pathname}/`.startsWith(host.pathname)) return undefined;
  const parts = url.pathname.slice(host.pathname.length).split("/").filter(Boolean).map(decoded);
  const model = partsOfModel(parts, /\/$/.test(url.pathname));
  if (model !== undefined) return { host: host.href, ...model };
  throw new BertletError(
    "bad-option",
    `${name} must be a model on ${host.host}, found another page of it: ${describe(url.pathname)}`,
    `open the model's page, and take its address: ${host.href}owner/name`,
  );
}

function partsOfModel(parts: string[], endsAsFolder: boolean): Omit<HubModel, "host"> | undefined {
  // The oldest models have no owner.
  const length = VIEWS.includes(parts[1] as string) ? 1 : 2;
  const id = parts.slice(0, length).join("/");
  if (!isHubId(id) || SECTIONS.includes(parts[0] as string)) return undefined;
  const [view, ...rest] = parts.slice(length);
  if (view === undefined) return { id, revision: LOAD.revision, inside: "" };
  if (!VIEWS.includes(view)) return undefined;
  // A pull request's revision has slashes of its own: refs/pr/1.
  const revision = rest.splice(0, rest[0] === "refs" ? 3 : 1).join("/");
  if (revision === "") return { id, revision: LOAD.revision, inside: "" };
  if (!isRevision(revision)) return undefined;
  if (view.startsWith("commit")) return { id, revision, inside: "" };
  const last = rest.at(-1);
  const isFile = view === "blob" || (!endsAsFolder && last !== undefined && FILE.test(last));
  if (isFile) rest.pop();
  return { id, revision, inside: rest.map((part) => `${encodeURIComponent(part)}/`).join("") };
}

export function folderOfModel({ host, id, revision, inside }: HubModel): string {
  return `${host}${id}/resolve/${encodeURIComponent(revision)}/${inside}`;
}

/** Where the Hub describes the model: its files with their sizes, its licence, the revision's commit. */
export function descriptionOfModel({ host, id, revision }: HubModel): string {
  return `${host}api/models/${id}/revision/${encodeURIComponent(revision)}?blobs=true`;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
