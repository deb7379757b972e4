/**
 * Checks of plain JSON that came from elsewhere: each takes a value and gives it with its type, or throws what was
 * expected and where. Fields that a check does not name are left out.
 */

export type Check<T> = (value: unknown, where: string) => T;
export type Checked<C> = C extends Check<infer T> ? T : never;

export class ShapeError extends Error {
  constructor(where: string, expected: string, found: unknown) {
    super(`${where}: expected ${expected}, found ${shortForm(found)}`);
  }
}

function shortForm(value: unknown): string {
  const form = JSON.stringify(value) ?? typeof value;
  return form.length > 60 ? `${form.slice(0, 60)}…` : form;
}

/** A check of one condition. */
export function plain<T>(expected: string, is: (value: unknown) => boolean): Check<T> {
  return (value, where) => {
    if (!is(value)) throw new ShapeError(where, expected, value);
    return value as T;
  };
}

export const text: Check<string> = plain("a text", (value) => typeof value === "string");
export const flag: Check<boolean> = plain("true or false", (value) => typeof value === "boolean");
export const number: Check<number> = plain("a number", (value) => Number.isFinite(value));
/** A score or a loss. JSON has no form for one that is not finite, as a run's that became unstable, and writes null. */
export const measured: Check<number> = (value, where) => {
  if (value !== null && typeof value !== "number") throw new ShapeError(where, "a number", value);
  return value ?? Number.NaN;
};
export const count: Check<number> = plain("a whole number from 0", (value) => {
  return Number.isSafeInteger(value) && (value as number) >= 0;
});

export function between(low: number, high: number): Check<number> {
  return plain(`a number from ${low} to ${high}`, (value) => {
    return Number.isFinite(value) && (value as number) >= low && (value as number) <= high;
  });
}

export function oneOf<const T>(...values: readonly T[]): Check<T> {
  return plain(values.map((value) => JSON.stringify(value)).join(" or "), (value) =>
    values.includes(value as T),
  );
}

export function optional<T>(check: Check<T>): Check<T | undefined> {
  return (value, where) => (value === undefined || value === null ? undefined : check(value, where));
}

export function either<A, B>(first: Check<A>, second: Check<B>): Check<A | B> {
  return (value, where) => {
    try {
      return first(value, where);
    } catch {
      return second(value, where);
    }
  };
}

export function list<T>(check: Check<T>): Check<T[]> {
  return (value, where) => {
    if (!Array.isArray(value)) throw new ShapeError(where, "a list", value);
    return value.map((item, at) => check(item, `${where}[${at}]`));
  };
}

export function tuple<A, B>(first: Check<A>, second: Check<B>): Check<[A, B]> {
  return (value, where) => {
    if (!Array.isArray(value) || value.length !== 2) throw new ShapeError(where, "a list of two", value);
    return [first(value[0], `${where}[0]`), second(value[1], `${where}[1]`)];
  };
}

type Given<S, K extends keyof S> = undefined extends Checked<S[K]> ? never : K;
type Left<S, K extends keyof S> = undefined extends Checked<S[K]> ? K : never;
type Fields<S extends Record<string, Check<unknown>>> = { [K in keyof S as Given<S, K>]: Checked<S[K]> } & {
  [K in keyof S as Left<S, K>]?: Checked<S[K]>;
};

export function fields<S extends Record<string, Check<unknown>>>(shape: S): Check<Fields<S>> {
  return (value, where) => {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw new ShapeError(where, "an object", value);
    const given = new Map(Object.entries(value));
    const checked = Object.entries(shape).map(([key, check]) => [
      key,
      check(given.get(key), `${where}.${key}`),
    ]);
    return Object.fromEntries(checked.filter(([, field]) => field !== undefined)) as Fields<S>;
  };
}
