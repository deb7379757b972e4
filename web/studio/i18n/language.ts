/**
 * Takes the browser's language and the person's earlier choice; gives the page's language and its texts.
 */
import { type Dictionary, en } from "./en.ts";
import { recall, remember } from "./remembered.ts";
import { zh } from "./zh.ts";

const dictionaries = { en, zh } satisfies Record<string, Dictionary>;
export type Language = keyof typeof dictionaries;
const KEY = "bertlet-language";

export function dictionary(language: Language): Dictionary {
  return dictionaries[language];
}

export function rememberedLanguage(): Language {
  const chosen = recall(KEY) ?? navigator.language;
  return chosen.toLowerCase().startsWith("zh") ? "zh" : "en";
}

export function setLanguage(name: string): Language {
  const language = name === "zh" ? "zh" : "en";
  remember(KEY, language);
  return language;
}
