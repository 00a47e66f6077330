// Takes secrets out of what a call gives back: out of the bytes that commands print, as they come, and out of the result.
import { FindForms, type Found } from "./find-forms.ts";
import { joinLines } from "./joined-lines.ts";

const MASK = Buffer.from("[secret]");
/** Deeper is nothing that a tool gives; lib/tools/bound-result.ts leaves it out. */
const MOST_DEEP = 200;

/** What holds back the end of a stream that a secret may begin with. */
export type StreamMask = { push(chunk: Buffer): Buffer; end(): Buffer };

export class Masker {
  readonly #forms: FindForms;

  /** @param values of secrets; at least one */
  constructor(values: readonly string[]) {
    this.#forms = new FindForms(values);
  }

  text(text: string): string {
    const bytes = Buffer.from(text, "utf8");
    const masked = this.#masked(bytes);
    return masked === bytes ? text : masked.toString("utf8");
  }

  /** All texts of plain data, keys too. */
  all<Value>(value: Value): Value {
    return this.#deep(value, 0) as Value;
  }

  /** One for each stream; a secret that comes in pieces is found. */
  stream(): StreamMask {
    let held: Buffer = Buffer.alloc(0);
    return {
      push: (chunk) => {
        const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
        const { bytes: joined, placeOf } = joinLines(bytes);
        const found = this.#forms.in(joined);
        const begin = this.#forms.beginIn(joined);
        // No form is cut in two.
        const cut = found.find(({ start, end }) => start < begin && end > begin)?.end ?? begin;
        held = Buffer.from(bytes.subarray(placeOf(cut)));
        return replaced(
          bytes.subarray(0, placeOf(cut)),
          found.filter(({ end }) => end <= cut),
          placeOf,
        );
      },
      end: () => {
        const rest = this.#masked(held);
        held = Buffer.alloc(0);
        return rest;
      },
    };
  }

  /** The bytes themselves where there is nothing to mask. */
  #masked(bytes: Buffer): Buffer {
    const { bytes: joined, placeOf } = joinLines(bytes);
    return replaced(bytes, this.#forms.in(joined), placeOf);
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

function replaced(bytes: Buffer, found: Found[], placeOf: (index: number) => number): Buffer {
  if (found.length === 0) return bytes;
  const parts: Buffer[] = [];
  let place = 0;
  for (const { start, end } of found) {
    parts.push(bytes.subarray(place, placeOf(start)), MASK);
    place = placeOf(end - 1) + 1;
  }
  return Buffer.concat([...parts, bytes.subarray(place)]);
}
