/**
 * The other hosts that the person agreed to, in this visit or for this browser. No model is loaded from one that is not among them.
 */
import type { Source } from "../../src/index.ts";
import { otherHost } from "../data/remote-source.ts";
import { recall, remember } from "../i18n/remembered.ts";

const KEY = "bertlet-hosts";
/** Agreed to in this visit. */
const agreed = new Set<string>();

/** The hosts that this browser remembers as agreed to. */
export function rememberedHosts(): string[] {
  return (recall(KEY) ?? "").split(" ").filter((host) => host !== "");
}

export function forgetHosts(): void {
  remember(KEY, "");
  agreed.clear();
}

/** `always`: for later visits too. */
export function agreeTo(host: string, always = false): void {
  agreed.add(host);
  if (always) remember(KEY, [...new Set([...rememberedHosts(), host])].join(" "));
}

export function isAgreed(host: string): boolean {
  return agreed.has(host) || rememberedHosts().includes(host);
}

/** The host that loading from here would contact and that nobody agreed to; undefined where there is none. */
export function unagreedHost(source: Source | undefined): string | undefined {
  const address = typeof source === "string" || source instanceof URL ? String(source) : undefined;
  if (address === undefined || !URL.canParse(address, document.baseURI)) return undefined;
  const host = otherHost(new URL(address, document.baseURI).href, document.baseURI);
  return host === undefined || isAgreed(host) ? undefined : host;
}
