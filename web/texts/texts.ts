// How the tables of texts are made: each text in English and Chinese side by side, so that none is forgotten. A text is called for what
// is shown now, and whoever calls it while it renders renders again when the language changes.
import { language } from "../store/settings.ts";

type Values = Record<string, string | number>;
/** `{name}` in a text stands for a value. */
export type Text = (values?: Values) => string;

export function texts<Name extends string>(
  table: Record<Name, [en: string, zh: string]>,
): Record<Name, Text> {
  const names = Object.keys(table) as Name[];
  return Object.fromEntries(names.map((name) => [name, textOf(table[name])])) as Record<Name, Text>;
}

const textOf =
  ([en, zh]: [string, string]): Text =>
  (values = {}) =>
    (language.value === "zh" ? zh : en).replace(/\{(\w+)\}/g, (whole, name: string) =>
      String(values[name] ?? whole),
    );
