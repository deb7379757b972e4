// Hears what a Content-Security-Policy blocks, in the page or in the worker; says which directive did it, and what
// to add to which header. Blocks and allows nothing itself.

export interface Blocked {
  /** The directive that decided, such as "worker-src". */
  directive: string;
  /** What was blocked: an address, or a word such as "wasm-eval". */
  what: string;
  /** The directive as the policy has it, such as "default-src 'self'". */
  rule: string;
  atMs: number;
}

/** The policy's event comes as a task of its own, a little before or after the failure that it explains. */
const WAIT_MS = 200;
/** Directives that stand for one that the policy leaves out, nearest first. */
const FALLBACKS = ["child-src", "script-src", "default-src"];

const heard: Blocked[] = [];
const listeners = new Set<(blocked: Blocked) => void>();
let listening = false;

/** Begins to listen. Blocked before that is not known. */
export function watchPolicies(): void {
  if (listening || typeof globalThis.addEventListener !== "function") return;
  listening = true;
  globalThis.addEventListener("securitypolicyviolation", (event) => {
    const { disposition, effectiveDirective, blockedURI, originalPolicy } =
      event as SecurityPolicyViolationEvent;
    // A report-only policy blocks nothing.
    if (disposition !== "enforce") return;
    const directive = effectiveDirective;
    const rule = ruleOf(originalPolicy, directive);
    const blocked = { directive, what: blockedURI, rule, atMs: performance.now() };
    heard.push(blocked);
    if (heard.length > 32) heard.shift();
    for (const listener of listeners) listener(blocked);
  });
}

/** The directive as the policy has it, or the one that stands for it. */
export function ruleOf(policy: string, directive: string): string {
  const rules = policy.split(";").map((rule) => rule.trim());
  const named = (name: string) => rules.find((rule) => rule.split(/\s/)[0]?.toLowerCase() === name);
  const base = directive.replace(/-(elem|attr)$/, "");
  for (const name of [directive, base, ...FALLBACKS]) {
    const rule = named(name);
    if (rule !== undefined) return rule;
  }
  return directive;
}

/** What was blocked since then and matches, if anything was or soon is. */
export function blockedBy(
  sinceMs: number,
  matches: (blocked: Blocked) => boolean,
  waitMs = WAIT_MS,
): Promise<Blocked | undefined> {
  const isIt = (blocked: Blocked) => blocked.atMs >= sinceMs && matches(blocked);
  const already = heard.find(isIt);
  if (already !== undefined || !listening) return Promise.resolve(already);
  return new Promise((resolve) => {
    const settle = (blocked: Blocked | undefined) => {
      clearTimeout(timer);
      listeners.delete(listener);
      resolve(blocked);
    };
    const listener = (blocked: Blocked) => {
      if (isIt(blocked)) settle(blocked);
    };
    const timer = setTimeout(settle, waitMs, undefined);
    listeners.add(listener);
  });
}

/** Calls `then` once for what is blocked from now on and matches. Returns what ends the watch. */
export function whenBlocked(
  matches: (blocked: Blocked) => boolean,
  then: (blocked: Blocked) => void,
): () => void {
  const listener = (blocked: Blocked) => {
    if (!matches(blocked)) return;
    listeners.delete(listener);
    then(blocked);
  };
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Why something was blocked, as the end of a message. */
export function reasonOf({ rule }: Blocked): string {
  return `the Content-Security-Policy forbids it by ${JSON.stringify(rule)}`;
}

/** What mends it: `source` is to be added to the directive, in the policy that `file` is served with. */
export function hintFor(directive: string, source: string, file: "the page" | "worker.js"): string {
  return `add ${source} to ${directive} in the Content-Security-Policy header that ${file} is served with`;
}
