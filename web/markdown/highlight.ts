// Colours for code: the highlighter is loaded when the first code is shown.
import { signal } from "@preact/signals";
import { type CleanHtml, sanitise } from "./sanitise.ts";

type Highlighter = {
  getLanguage(name: string): unknown;
  highlight(code: string, options: { language: string; ignoreIllegals: boolean }): { value: string };
};

/** Undefined until it is there: who reads it while rendering renders again then. */
export const highlighter = signal<Highlighter | undefined>(undefined);
let isAsked = false;

/** More than that is shown without colours: it would take longer than a frame. */
const LONGEST = 60_000;
/** Of code that still grows. */
const LONGEST_GROWING = 3_000;

/** @returns undefined where it is not known how */
export function highlighted(code: string, language: string, isGrowing: boolean): CleanHtml | undefined {
  if (!isAsked) void load();
  const known = highlighter.value;
  if (!known?.getLanguage(language) || code.length > (isGrowing ? LONGEST_GROWING : LONGEST))
    return undefined;
  return sanitise(known.highlight(code, { language, ignoreIllegals: true }).value);
}

/** Code without colours is code all the same. */
async function load(): Promise<void> {
  isAsked = true;
  const module = await import("@highlightjs/cdn-assets/es/highlight.min.js").catch(() => undefined);
  highlighter.value = module?.default as Highlighter | undefined;
}
