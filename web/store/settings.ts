// Language and theme: the browser's own unless a person chose.
import { computed, effect, signal } from "@preact/signals";
import { store, stored } from "./stored.ts";

export type Language = "en" | "zh";
export type Theme = "system" | "light" | "dark";

const oneOf = <T extends string>(value: string | null, all: readonly T[]): T | undefined =>
  all.find((one) => one === value);

/** Undefined: as the browser says. */
export const chosenLanguage = signal<Language | undefined>(oneOf(stored("language"), ["en", "zh"]));
export const language = computed<Language>(() => chosenLanguage.value ?? ofBrowser() ?? "en");
const ofBrowser = () =>
  navigator.languages
    .map((tag) => oneOf<Language>(tag.slice(0, 2).toLowerCase(), ["en", "zh"]))
    .find((one) => one !== undefined);

export const theme = signal<Theme>(oneOf(stored("theme"), ["light", "dark"]) ?? "system");

export const locale = computed(() => (language.value === "zh" ? "zh-CN" : "en"));

/** Keeps the document and what is stored as the signals are. */
export function followSystem(): void {
  effect(() => {
    document.documentElement.lang = locale.value;
    store("language", chosenLanguage.value ?? null);
  });
  effect(() => {
    if (theme.value === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme.value;
    store("theme", theme.value === "system" ? null : theme.value);
  });
}
