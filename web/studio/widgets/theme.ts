/**
 * Takes the person's choice of light, dark or the system's colours; sets it on the page and remembers it. The
 * colours themselves are in styles/tokens.css.
 */
import { recall, remember } from "../i18n/remembered.ts";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];
const KEY = "bertlet-theme";

export function rememberedTheme(): Theme {
  const name = recall(KEY);
  return THEMES.find((theme) => theme === name) ?? "system";
}

export function setTheme(theme: Theme): void {
  remember(KEY, theme);
  applyTheme();
}

export function applyTheme(): void {
  const theme = rememberedTheme();
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  dispatchEvent(new Event("themechange"));
}

/** Calls `run` when the colours change, by choice or by the system. */
export function onThemeChange(run: () => void, signal: AbortSignal): void {
  addEventListener("themechange", run, { signal });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", run, { signal });
}
