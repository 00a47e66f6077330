// Renders Markdown while it streams: the block of a line is known after its first few characters, the rest of the line is
// shown as it comes. Only lines of code and of tables are shown when they are whole. Understands headings, lists, tasks,
// quotes, rules, fences, tables, and what `inline.ts` knows.
import type { Colours } from "../../terminal/colours.ts";
import { Inline, type Style } from "./inline.ts";
import { isTable, tableLines } from "./table.ts";
import type { WordWrap } from "./word-wrap.ts";

/** How a line looks: what stands for its marker, and the style of its text. A hidden one leaves no line. */
type Block = { marker: string; rest: string; style?: Style; isHidden?: boolean };

/** A beginning of a line that may yet become a marker. */
const UNDECIDED = /^ {0,8}(?:#{0,6}|[-*+] ?(?:\[[ xX]?\]?)?|\d{1,3}[.)]?|>|`{1,}|~{1,}|[-*_ ]+)$/;
const FENCE = /^ {0,8}(`{3,}|~{3,})/;
const RULE = /^ {0,3}(?:-[ -]*-[ -]*-|\*[ *]*\*[ *]*\*|_[ _]*_[ _]*_)[ \t]*$/;
/** In an item of a list it is indented. */
const ROW = /^ {0,8}\|/;
/** A longer table is shown in parts: text is never held without a bound. */
const MOST_ROWS = 1_000;

/** Renders one text. Nothing it returns leaves the terminal in a style. */
export class MarkdownStream {
  readonly #colours: Colours;
  readonly #columns: number;
  readonly #inline: Inline;
  readonly #wrap: WordWrap | undefined;
  /** Text not shown yet: the undecided start of a line, a line that must be whole, or a marker that is not complete. */
  #held = "";
  #inLine = false;
  #isHidden = false;
  #isCode = false;
  #fence: string | undefined;
  #rows: string[] = [];

  /**
   * @param columns the width of the terminal; a table that does not fit is wrapped
   * @param wrap breaks the lines of prose; code stays as it is, so that it can be copied
   */
  constructor(colours: Colours, columns = 80, wrap?: WordWrap) {
    this.#colours = colours;
    this.#columns = columns;
    this.#wrap = wrap;
    this.#inline = new Inline(colours);
  }

  /** What can be shown now. */
  push(text: string): string {
    this.#held += text;
    return this.#advance(false);
  }

  /** The rest, at the end of the text. */
  end(): string {
    const rest = this.#advance(true) + (this.#wrap?.end() ?? "");
    // A table that ends the text has no line feed after its last row.
    return rest + this.#table().replace(/\n$/, "");
  }

  #advance(isLast: boolean): string {
    let shown = "";
    while (this.#held !== "") {
      const line = this.#held.indexOf("\n");
      const isWhole = line >= 0 || isLast;
      const text = line >= 0 ? this.#held.slice(0, line) : this.#held;
      if (!this.#inLine) {
        if (!isWhole && this.#mustWait(text)) return shown;
        if (this.#fence === undefined && ROW.test(text)) {
          this.#rows.push(text);
          this.#held = this.#held.slice(text.length + 1);
          if (this.#rows.length >= MOST_ROWS) shown += this.#table();
          continue;
        }
        shown += this.#table();
        shown += this.#prose(this.#begin(text));
        continue;
      }
      const { out, used } = this.#inline.show(text, isWhole);
      shown += this.#prose(out);
      this.#held = this.#held.slice(used);
      if (line < 0 || used < text.length) return shown;
      this.#held = this.#held.slice(1);
      if (!this.#isHidden) shown += this.#prose("\n");
      this.#inLine = false;
    }
    return shown;
  }

  #prose(text: string): string {
    return this.#isCode || !this.#wrap ? text : this.#wrap.push(text);
  }

  #mustWait(text: string): boolean {
    if (this.#fence !== undefined || FENCE.test(text) || ROW.test(text)) return true;
    return UNDECIDED.test(text) || /^ {0,3}[-*_][-*_ ]*$/.test(text);
  }

  /** Begins a line whose kind is known: its marker is shown, its text is held. */
  #begin(text: string): string {
    this.#isCode = this.#fence !== undefined;
    const { marker, rest, style, isHidden } =
      this.#fence === undefined ? this.#block(text) : this.#code(text);
    this.#held = rest + this.#held.slice(text.length);
    this.#inline.beginLine(style);
    this.#inLine = true;
    this.#isHidden = isHidden === true;
    return marker;
  }

  #code(text: string): Block {
    const fence = FENCE.exec(text)?.[1];
    const isEnd = fence?.startsWith(this.#fence ?? "") && text.trim() === fence;
    if (!isEnd) return { marker: text && this.#colours.cyan(`  ${text}`), rest: "" };
    this.#fence = undefined;
    return { marker: "", rest: "", isHidden: true };
  }

  #block(text: string): Block {
    const { dim, bold, cyan, underline } = this.#colours;
    const fence = FENCE.exec(text)?.[1];
    if (fence !== undefined) {
      this.#fence = fence;
      return { marker: dim(`  ${text.trim().slice(fence.length).trim() || "──"}`), rest: "" };
    }
    if (RULE.test(text)) return { marker: dim("─".repeat(40)), rest: "" };
    const heading = /^ {0,3}(#{1,6}) +/.exec(text);
    if (heading) {
      const style: Style = heading[1] === "#" ? (part) => bold(underline(part)) : bold;
      return { marker: "", rest: text.slice(heading[0].length), style };
    }
    const item = /^( *)([-*+]|\d{1,3}[.)]) +(?:\[([ xX])\] +)?/.exec(text);
    if (item) {
      const [whole, indent, sign = "", task] = item;
      const shown = task === undefined ? (/\d/.test(sign) ? sign : "•") : task === " " ? "☐" : "☑";
      return { marker: `${indent}${cyan(shown)} `, rest: text.slice(whole.length) };
    }
    const quote = /^ {0,3}> ?/.exec(text);
    if (quote) return { marker: dim("│ "), rest: text.slice(quote[0].length), style: dim };
    return { marker: "", rest: text };
  }

  /** The rows that were held, each with its line feed; as they were written when they are no table after all. */
  #table(): string {
    const rows = this.#rows;
    if (rows.length === 0) return "";
    this.#rows = [];
    const table = isTable(rows) ? tableLines(rows, this.#colours, this.#columns) : undefined;
    const lines =
      table ??
      rows.map((row) => {
        this.#inline.beginLine();
        return this.#inline.show(row, true).out;
      });
    return lines.map((line) => `${line}\n`).join("");
  }
}
