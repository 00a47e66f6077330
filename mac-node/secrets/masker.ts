// Takes secrets out of what a call gives back: out of the bytes that commands print, as they come, and out of the result.
import { formsOf } from "./forms.ts";

const MASK = "[secret]";
/** Deeper is nothing that a tool gives; lib/tools/bound-result.ts refuses it. */
const MOST_DEEP = 200;

/** What holds back the end of a stream that a secret may begin with. */
export type StreamMask = { push(chunk: Buffer): Buffer; end(): Buffer };

export class Masker {
  readonly #pattern: RegExp;
  readonly #byFirst: Map<string, string[]>;
  readonly #longest: number;

  /** @param values of the secrets that this call was given; at least one */
  constructor(values: readonly string[]) {
    const forms = [...new Set(values.flatMap(formsOf))].toSorted((a, b) => b.length - a.length);
    this.#longest = forms[0]?.length ?? 0;
    this.#pattern = new RegExp(forms.map(escaped).join("|") || "(?!)", "g");
    this.#byFirst = Map.groupBy(forms, (form) => form.charAt(0));
  }

  text(text: string): string {
    const bytes = Buffer.from(text, "utf8").toString("latin1");
    const masked = this.#masked(bytes);
    return masked === bytes ? text : Buffer.from(masked, "latin1").toString("utf8");
  }

  /** All texts of plain data, keys too. */
  all<Value>(value: Value): Value {
    return this.#deep(value, 0) as Value;
  }

  /** One for each stream; a secret that comes in pieces is found. */
  stream(): StreamMask {
    let held = "";
    return {
      push: (chunk) => {
        const bytes = held + chunk.toString("latin1");
        const cut = this.#cutOf(bytes);
        held = bytes.slice(cut);
        return Buffer.from(this.#masked(bytes.slice(0, cut)), "latin1");
      },
      end: () => {
        const rest = this.#masked(held);
        held = "";
        return Buffer.from(rest, "latin1");
      },
    };
  }

  #masked(bytes: string): string {
    return bytes.replaceAll(this.#pattern, MASK);
  }

  /** Up to where nothing can become a form, or a longer one, by what comes; no form is cut in two. */
  #cutOf(bytes: string): number {
    const cut = this.#beginOfForm(bytes);
    for (const { index, 0: form } of bytes.matchAll(this.#pattern))
      if (index < cut && index + form.length > cut) return index + form.length;
    return cut;
  }

  #beginOfForm(bytes: string): number {
    for (let at = Math.max(0, bytes.length - this.#longest + 1); at < bytes.length; at += 1) {
      const forms = this.#byFirst.get(bytes.charAt(at));
      if (!forms) continue;
      const end = bytes.slice(at);
      if (forms.some((form) => form.length > end.length && form.startsWith(end))) return at;
    }
    return bytes.length;
  }

  #deep(value: unknown, depth: number): unknown {
    if (typeof value === "string") return this.text(value);
    if (typeof value !== "object" || value === null || depth > MOST_DEEP) return value;
    if (Array.isArray(value)) return value.map((part) => this.#deep(part, depth + 1));
    return Object.fromEntries(
      Object.entries(value).map(([key, part]) => [this.text(key), this.#deep(part, depth + 1)]),
    );
  }
}

/** As RegExp.escape, which Node 22 does not have. */
function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}
