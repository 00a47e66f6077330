// Breaks text between words while it streams: a terminal alone would break them wherever its last column is. What may yet become
// a longer word is held until it is known. Lines of an item or of a quote go on below its text.
import { widthOf } from "../../terminal/fit-line.ts";
import { CJK, CLOSING, OPENING } from "../../terminal/wrap.ts";

/** A character with the sequences that style it. */
type Cell = { text: string; style: string };

const TOKEN = /\x1b\[(\d+)m|[\s\S]/gu;
/** What a closing sequence ends. */
const ENDS: Record<string, RegExp> = { 22: /\[[12]m/, 23: /\[3m/, 24: /\[4m/, 39: /\[3\dm/ };
const MARKER = /^(?:[•☐☑]|\d{1,3}[.)])$/u;
const QUOTE = "│";
const TAB = "    ";

/** One per text. What it returns never leaves the terminal in a style. */
export class WordWrap {
  readonly #width: number;
  #column = 0;
  #isLineStart = true;
  /** What a line that goes on begins with. */
  #indent: Cell[] = [];
  #spaces: Cell[] = [];
  #word: Cell[] = [];
  #open: string[] = [];

  /** @param width the columns of the terminal; the last one stays free, where terminals differ */
  constructor(width: number) {
    this.#width = width;
  }

  /** What can be shown now. @param text with line feeds and with sequences that set a style */
  push(text: string): string {
    let out = "";
    for (const [token, code] of text.matchAll(TOKEN))
      if (code !== undefined) this.#restyle(token, code);
      else if (token === "\n") out += `${this.end()}\n`;
      else if (/\s/u.test(token)) {
        out += this.#place();
        this.#spaces.push(...[...(token === "\t" ? TAB : token)].map((one) => this.#cell(one)));
      } else {
        if (!this.#belongs(token)) out += this.#place();
        this.#word.push(this.#cell(token));
      }
    return out;
  }

  /** Shows what is held, and begins a line. */
  end(): string {
    const out = this.#place();
    this.#column = 0;
    this.#isLineStart = true;
    this.#indent = [];
    this.#spaces = [];
    return out;
  }

  #restyle(sequence: string, code: string): void {
    const ended = ENDS[code];
    if (code === "0") this.#open = [];
    else this.#open = ended ? this.#open.filter((one) => !ended.test(one)) : [...this.#open, sequence];
  }

  #cell(text: string): Cell {
    return { text, style: this.#open.join("") };
  }

  /** Whether the character stays with the word that is held. */
  #belongs(character: string): boolean {
    const last = this.#word.at(-1)?.text ?? "";
    if (last === "" || widthOf(character) === 0 || CLOSING.test(character) || OPENING.test(last)) return true;
    return !CJK.test(last) && !CJK.test(character);
  }

  #place(): string {
    const word = this.#word;
    if (word.length === 0) return "";
    const spaces = this.#spaces;
    this.#word = [];
    this.#spaces = [];
    if (this.#isLineStart) this.#indent = indentOf(spaces, word, this.#width);
    const isFirst = this.#isLineStart || this.#column <= columnsOf(this.#indent);
    this.#isLineStart = false;
    const end = this.#column + columnsOf(spaces) + columnsOf(word);
    if (isFirst || end < this.#width) {
      // A word that is wider than the terminal goes on at its left.
      this.#column = end % this.#width;
      return shown([...spaces, ...word]);
    }
    this.#column = (columnsOf(this.#indent) + columnsOf(word)) % this.#width;
    return `\n${shown([...this.#indent, ...word])}`;
  }
}

/** What the lines below the first of an item or a quote begin with; on a narrow terminal nothing. */
function indentOf(spaces: Cell[], word: Cell[], width: number): Cell[] {
  const text = word.map((cell) => cell.text).join("");
  const blank = { text: " ", style: "" };
  const indent =
    text === QUOTE
      ? [...spaces, ...word, blank]
      : MARKER.test(text)
        ? Array.from({ length: columnsOf(spaces) + columnsOf(word) + 1 }, () => blank)
        : spaces;
  return columnsOf(indent) > width / 2 ? [] : indent;
}

function columnsOf(cells: Cell[]): number {
  return cells.reduce((sum, { text }) => sum + widthOf(text), 0);
}

function shown(cells: Cell[]): string {
  let out = "";
  for (let at = 0; at < cells.length; ) {
    const style = cells[at]?.style ?? "";
    let text = "";
    for (; cells[at]?.style === style; at += 1) text += cells[at]?.text;
    out += style === "" ? text : `${style}${text}\x1b[0m`;
  }
  return out;
}
