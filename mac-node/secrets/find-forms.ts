// Finds the forms of secrets in bytes. All that this Mac's commands print goes through here, so it may cost little: two bytes tell almost
// everywhere that no form begins there. (A pattern of all forms is too large for some secrets, and slow for all.)
import { formsOf, LEAST_OF_A_FORM } from "./forms.ts";
import { joinLines } from "./joined-lines.ts";

export type Found = { start: number; end: number };

export class FindForms {
  /** By their first bytes, the longest first. */
  readonly #byBeginning: Map<string, string[]>;
  readonly #byFirst: Map<string, string[]>;
  /** Whether one begins with these two bytes. */
  readonly #pairs = new Uint8Array(65_536);
  readonly #longest: number;

  /** @param values of the secrets */
  constructor(values: readonly string[]) {
    const all = values.flatMap(formsOf).map((form) => joinLines(Buffer.from(form, "latin1")).bytes);
    const forms = [...new Set(all.map((form) => form.toString("latin1")))]
      .filter((form) => form.length >= LEAST_OF_A_FORM)
      .toSorted((a, b) => b.length - a.length);
    this.#longest = forms[0]?.length ?? 0;
    this.#byBeginning = Map.groupBy(forms, beginningOf);
    this.#byFirst = Map.groupBy(forms, (form) => form.charAt(0));
    for (const form of forms) this.#pairs[pairOf(form.charCodeAt(0), form.charCodeAt(1))] = 1;
  }

  /** Those that do not overlap, from left to right, of two at one place the longer one. @param bytes with their lines joined */
  in(bytes: Buffer): Found[] {
    const found: Found[] = [];
    const pairs = this.#pairs;
    const last = bytes.length - LEAST_OF_A_FORM;
    let text: string | undefined;
    for (let at = 0; at <= last; at += 1) {
      if (pairs[pairOf(bytes[at] ?? 0, bytes[at + 1] ?? 0)] === 0) continue;
      text ??= bytes.toString("latin1");
      const here = text;
      const form = this.#byBeginning
        .get(beginningOf(here.slice(at, at + LEAST_OF_A_FORM)))
        ?.find((one) => here.startsWith(one, at));
      if (form === undefined) continue;
      found.push({ start: at, end: at + form.length });
      at += form.length - 1;
    }
    return found;
  }

  /** Where a form may begin that is not whole yet, or not yet the longest; at their end where none does. */
  beginIn(bytes: Buffer): number {
    const from = Math.max(0, bytes.length - this.#longest + 1);
    const text = bytes.toString("latin1", from);
    for (let at = from; at < bytes.length; at += 1) {
      if (at + 1 < bytes.length && !this.#mayBegin(bytes, at)) continue;
      const beginning = text.slice(at - from, at - from + LEAST_OF_A_FORM);
      const isShort = beginning.length < LEAST_OF_A_FORM;
      const forms = isShort ? this.#byFirst.get(text.charAt(at - from)) : this.#byBeginning.get(beginning);
      if (!forms) continue;
      const end = text.slice(at - from);
      if (forms.some((form) => form.length > end.length && form.startsWith(end))) return at;
    }
    return bytes.length;
  }

  #mayBegin(bytes: Buffer, at: number): boolean {
    return this.#pairs[pairOf(bytes[at] ?? 0, bytes[at + 1] ?? 0)] === 1;
  }
}

const beginningOf = (form: string) => form.slice(0, LEAST_OF_A_FORM);
const pairOf = (first: number, second: number) => first * 256 + second;
