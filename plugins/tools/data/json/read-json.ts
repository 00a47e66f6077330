// Reads JSON (RFC 8259) without changing any of it: numbers, strings and double keys stay as they are written, and a fault is told
// by its line and column. `JSON.parse` would round large numbers, drop keys and tell a place only sometimes.

/** `raw`: as it is written. */
export type JsonNode =
  | { type: "scalar"; raw: string }
  | { type: "array"; items: JsonNode[] }
  | { type: "object"; members: { key: string; value: JsonNode }[] };

/** Where a text stops being JSON. Lines and columns begin at 1. */
export class JsonFault extends Error {
  readonly line: number;
  readonly column: number;

  constructor(what: string, text: string, at: number) {
    const before = text.slice(0, at).split(/\r\n|\r|\n/);
    const line = before.length;
    const column = [...(before.at(-1) ?? "")].length + 1;
    super(`Line ${line}, column ${column}: ${what}`);
    this.name = "JsonFault";
    this.line = line;
    this.column = column;
  }
}

/** Values within values. */
const DEEPEST = 500;
const LITERALS = ["true", "false", "null"];
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"[^"\\\0-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\0-\x1f]*)*"/y;
const WORD = /[\p{L}\p{N}_$]+/uy;

/** @throws JsonFault */
export function readJson(text: string): JsonNode {
  return new JsonReader(text).read();
}

class JsonReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): JsonNode {
    // Some editors begin files with a byte order mark; it is no part of the text.
    if (this.#text.startsWith("\ufeff")) this.#at = 1;
    this.#skipSpace();
    if (this.#at >= this.#text.length) throw this.#fault("there is no JSON, only spaces");
    const node = this.#value(0);
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#fault(`${this.#here()} behind the end of the JSON`);
    return node;
  }

  #value(depth: number): JsonNode {
    if (depth > DEEPEST) throw this.#fault(`it is nested more than ${DEEPEST} deep`);
    switch (this.#text[this.#at]) {
      case "{":
        return this.#object(depth);
      case "[":
        return this.#array(depth);
      case '"':
        return { type: "scalar", raw: this.#string() };
      default:
        return { type: "scalar", raw: this.#numberOrWord() };
    }
  }

  #object(depth: number): JsonNode {
    const members: { key: string; value: JsonNode }[] = [];
    this.#each("}", () => {
      if (this.#text[this.#at] !== '"')
        throw this.#fault(`a key in double quotes is expected, not ${this.#here()}`);
      const key = this.#string();
      this.#skipSpace();
      if (this.#text[this.#at] !== ":")
        throw this.#fault(`a colon is expected behind the key ${shortened(key)}, not ${this.#here()}`);
      this.#at += 1;
      this.#skipSpace();
      members.push({ key, value: this.#value(depth + 1) });
    });
    return { type: "object", members };
  }

  #array(depth: number): JsonNode {
    const items: JsonNode[] = [];
    this.#each("]", () => void items.push(this.#value(depth + 1)));
    return { type: "array", items };
  }

  /** What stands between brackets, with commas between. */
  #each(end: "}" | "]", readOne: () => void): void {
    const begin = this.#at;
    this.#at += 1;
    this.#skipSpace();
    if (this.#take(end)) return;
    for (;;) {
      readOne();
      this.#skipSpace();
      if (this.#take(end)) return;
      if (this.#at >= this.#text.length) {
        const { line, column } = new JsonFault("", this.#text, begin);
        throw this.#fault(
          `the text ends before the "${this.#text[begin]}" of line ${line}, column ${column} is closed`,
        );
      }
      const comma = this.#at;
      if (!this.#take(",")) throw this.#fault(`a comma or "${end}" is expected, not ${this.#here()}`);
      this.#skipSpace();
      if (this.#text[this.#at] === end)
        throw new JsonFault(`a comma with nothing behind it but "${end}"; remove it`, this.#text, comma);
    }
  }

  #string(): string {
    const raw = this.#match(STRING);
    if (raw !== undefined) return raw;
    const begin = this.#at;
    let at = begin + 1;
    for (; at < this.#text.length; at += 1) {
      const character = this.#text[at] ?? "";
      if (character < " ")
        throw new JsonFault(
          character === "\n" || character === "\r"
            ? "a line break in a string: write \\n, or close the string with a quote"
            : `a control character in a string: write \\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
          this.#text,
          at,
        );
      if (character !== "\\") continue;
      if (!/^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.test(this.#text.slice(at, at + 6)))
        throw new JsonFault(
          `${JSON.stringify(this.#text.slice(at, at + 2))} is no escape of JSON; a backslash itself is \\\\`,
          this.#text,
          at,
        );
      at += 1;
    }
    throw new JsonFault("a string that begins here is not closed", this.#text, begin);
  }

  #numberOrWord(): string {
    const begin = this.#at;
    const found = this.#match(NUMBER) ?? LITERALS.find((word) => this.#text.startsWith(word, begin));
    if (found !== undefined) {
      this.#at = begin + found.length;
      // What goes on is no value: 01, 1.x, nullable.
      if (!/[\w.$+]/.test(this.#text[this.#at] ?? "")) return found;
      this.#at = begin;
    }
    throw this.#fault(this.#whyNoValue(this.#match(WORD)), begin);
  }

  #whyNoValue(word: string | undefined): string {
    if (word === undefined && this.#at >= this.#text.length) return "the text ends where a value is expected";
    const here = word?.[0] ?? this.#text[this.#at] ?? "";
    if (here === "'") return "strings stand in double quotes, not in single ones";
    if (here === "/" || here === "#") return "JSON has no comments; remove it";
    if (/[-+.\d]/.test(here))
      return "a number that JSON does not know: no leading zeros, no +, no other notation, digits before and behind the point";
    if (word !== undefined)
      return `"${shortened(word)}" is no value; strings stand in double quotes, and true, false and null are written small`;
    return `a value is expected, not ${this.#here()}`;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const [found] = pattern.exec(this.#text) ?? [];
    if (found) this.#at += found.length;
    return found || undefined;
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #skipSpace(): void {
    while (isSpace(this.#text.charCodeAt(this.#at))) this.#at += 1;
  }

  /** What stands where it reads, for a person. */
  #here(): string {
    const point = this.#text.codePointAt(this.#at);
    return point === undefined ? "the end of the text" : JSON.stringify(String.fromCodePoint(point));
  }

  #fault(what: string, at: number = this.#at): JsonFault {
    return new JsonFault(what, this.#text, at);
  }
}

const isSpace = (code: number) => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
const shortened = (text: string) => (text.length > 40 ? `${text.slice(0, 40)}…` : text);
