// How the lines of a text end, and a text with its line breaks written in that way.

export type LineEnd = "\n" | "\r\n" | "\r";
const END = /\r\n|\n|\r/g;

/** Undefined for a text of one line, and where its lines end in several ways. */
export function lineEndOf(text: string): LineEnd | undefined {
  let found: LineEnd | undefined;
  for (const [end] of text.matchAll(END)) {
    if (found !== undefined && found !== end) return undefined;
    found = end as LineEnd;
  }
  return found;
}

/** The last line end of a text; undefined for one of one line. */
export function lastLineEnd(text: string): LineEnd | undefined {
  const at = Math.max(text.lastIndexOf("\n"), text.lastIndexOf("\r"));
  if (at === -1) return undefined;
  return text[at] === "\r" ? "\r" : text[at - 1] === "\r" ? "\r\n" : "\n";
}

/** The text with each `\n` written as `end`; one that has a `\r` says itself how its lines end and stays. */
export function withLineEnds(text: string, end: LineEnd | undefined): string {
  if (end === undefined || end === "\n" || text.includes("\r")) return text;
  return text.replaceAll("\n", end);
}

/** Writes what is put into a text with the line ends of that place. Linear in the text, when asked from left to right. */
export class LineEnds {
  readonly #text: string;
  readonly #last: LineEnd | undefined;
  #next: { at: number; end: LineEnd | undefined } = { at: -1, end: undefined };

  constructor(text: string) {
    this.#text = text;
    this.#last = lastLineEnd(text);
  }

  /** `put` in place of the piece from `at` to `end`: its first break as the piece's first, and so on; else as the next one of the text. */
  written(put: string, at: number, end: number): string {
    const within = this.#text.slice(at, end).match(END) ?? [this.#nextAfter(end) ?? "\n"];
    let index = 0;
    return put.replaceAll("\n", () => within[Math.min(index++, within.length - 1)] ?? "\n");
  }

  #nextAfter(end: number): LineEnd | undefined {
    if (this.#next.at >= end) return this.#next.end;
    const pattern = new RegExp(END);
    pattern.lastIndex = end;
    const found = pattern.exec(this.#text);
    this.#next = { at: found?.index ?? this.#text.length, end: (found?.[0] as LineEnd) ?? this.#last };
    return this.#next.end;
  }
}
