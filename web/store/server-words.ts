// What the server says comes in English. In Chinese it is said by the tables that the terminal has too, loaded when they are wanted.
import { effect, signal } from "@preact/signals";
import { language } from "./settings.ts";

type Tables = typeof import("../../lib/client/phrases.ts");

const tables = signal<Tables | undefined>(undefined);
const shown = (): Tables | undefined => (language.value === "zh" ? tables.value : undefined);

/** Called once. Without the tables, as over a connection that breaks, its own words are shown. */
export function followServerWords(): void {
  effect(() => {
    if (language.value !== "zh" || tables.peek()) return;
    import("../../lib/client/phrases.ts").then(
      (loaded) => {
        tables.value = loaded;
      },
      () => undefined,
    );
  });
}

/** A sentence of the server's in the language of the page; one that has no other words stays as it is. */
export const saidByServer = (text: string): string => shown()?.inChinese(text) ?? text;

/** The same for a refusal: where its sentence has no other words, what its code means goes before it. */
export const refusedByServer = (code: string, detail: string): string =>
  shown()?.refusalInChinese(code, detail) ?? detail;
