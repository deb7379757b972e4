/**
 * Takes what was typed as a model's id or address; gives what the library loads it from, and the host that would be
 * asked for it. Contacts nobody.
 */
import { LOAD } from "../../src/shared/defaults.ts";
import { hubAddress, isHubId } from "../../src/shared/hub.ts";
import { PageError } from "../i18n/messages.ts";

/** A typed address, read. */
export interface RemoteSource {
  /** As the library takes it, with these options. */
  source: string;
  options: { hub?: boolean; hubHost?: string; revision?: string };
  /** The host that would be asked; undefined for the page's own. */
  host: string | undefined;
  name: string;
}

/** The Hub's short address leads to the Hub. */
const SHORT_HOST = "hf.co";

export function remoteSource(
  typed: { address: string; revision: string; hubHost: string },
  page: string,
): RemoteSource {
  const [address, revision] = [typed.address.trim(), typed.revision.trim()];
  const hub = hubAddress(typed.hubHost.trim() || LOAD.hubHost);
  if (hub === undefined) throw new PageError("bad-address", (t) => t.remote.badHub(typed.hubHost));
  const isMirror = hub !== hubAddress(LOAD.hubHost);
  const options = { ...(isMirror && { hubHost: hub }), ...(revision !== "" && { revision }) };
  if (isHubId(address)) {
    const name = revision === "" ? address : `${address} (${revision})`;
    return { source: address, options: { hub: true, ...options }, host: otherHost(hub, page), name };
  }
  const url = addressOf(address, page);
  if (isMirror && new URL(url).host !== new URL(hub).host) delete options.hubHost;
  // The name is shown and saved, so the query of a signed address is no part of it.
  return { source: url, options, host: otherHost(url, page), name: address.replace(/[?#].*$/, "") };
}

/** A query, as of a signed address, stays. */
function addressOf(address: string, page: string): string {
  const bad = new PageError(
    "bad-address",
    (t) => t.remote.badAddress(address.slice(0, 100)),
    (t) => t.remote.badAddressHint,
  );
  // A colon before any slash is a scheme, as of mailto:; "//host" is a host without one.
  if (address === "" || /\s/.test(address) || address.startsWith("//") || !URL.canParse(address, page))
    throw bad;
  const url = new URL(address, page);
  if (!/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") throw bad;
  return url.href;
}

/** The host of an address; undefined for the page's own. */
export function otherHost(url: string, page: string): string | undefined {
  const { origin, host } = new URL(url);
  if (origin === new URL(page).origin) return undefined;
  return host === SHORT_HOST ? new URL(LOAD.hubHost).host : host;
}
