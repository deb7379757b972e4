/**
 * Takes an option of a run and its value; gives the value's name in the page's language, as the form of step 3 has it.
 */
import type { Dictionary } from "./en.ts";

type Named = { names?: Record<string, string>; asConfig?: string; checkpoint?: string } | undefined;

export function valueName(t: Dictionary, option: string, value: string | number): string | number {
  if (option === "pooling" && value !== "checkpoint")
    return t.poolings[value as keyof Dictionary["poolings"]];
  const texts = (t.recipe as unknown as Record<string, Named>)[option];
  return texts?.names?.[value] ?? (value === "config" ? texts?.asConfig : texts?.checkpoint) ?? value;
}
