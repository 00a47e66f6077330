// Renders Markdown while it streams: the block of a line is known after its first few characters, the rest of the line is
// shown as it comes. Understands headings, lists, quotes, rules, fences, bold, italic and inline code.
import type { Colours } from "../terminal/colours.ts";

type Style = (text: string) => string;
/** How a line looks: what stands for its marker, and the style of its text. */
type Block = { marker: string; rest: string; style?: Style };

/** A beginning of a line that may yet become a marker. */
const UNDECIDED = /^ {0,8}(?:#{0,6}|[-*+] ?|\d{1,3}[.)]?|>|`{1,}|~{1,}|[-*_ ]+)$/;
const FENCE = /^ {0,8}(`{3,}|~{3,})/;
/** What may stand before and after the opening of an emphasis, so that products and file patterns stay as they are. */
const BEFORE_OPENING = /[\s([{"'—–-]/;
const AFTER_OPENING = /[\p{L}\p{N}`"'([$<_*~¿¡“]/u;

/** Renders one text. Nothing it returns leaves the terminal in a style. */
export class MarkdownStream {
  readonly #colours: Colours;
  /** Text not shown yet: the undecided start of a line, a line of a fence, or a marker whose meaning the next character tells. */
  #held = "";
  #inLine = false;
  #fence: string | undefined;
  #block: Style | undefined;
  #bold = false;
  #italic = false;
  #code = false;
  #previous = " ";

  constructor(colours: Colours) {
    this.#colours = colours;
  }

  /** What can be shown now. */
  push(text: string): string {
    this.#held += text;
    return this.#advance(false);
  }

  /** The rest, at the end of the text. */
  end(): string {
    const rest = this.#advance(true);
    this.#endLine();
    return rest;
  }

  #advance(isLast: boolean): string {
    let shown = "";
    while (this.#held !== "") {
      const line = this.#held.indexOf("\n");
      const isWhole = line >= 0 || isLast;
      const text = line >= 0 ? this.#held.slice(0, line) : this.#held;
      if (!this.#inLine) {
        if (!isWhole && (this.#fence || mayBecomeMarker(text))) return shown;
        const begun = this.#begin(text);
        shown += begun.marker;
        this.#held = begun.rest + this.#held.slice(text.length);
        this.#block = begun.style;
        this.#inLine = true;
        continue;
      }
      const { out, used } = this.#inline(text, isWhole);
      shown += out;
      this.#held = this.#held.slice(used);
      if (line < 0) return shown;
      if (used < text.length) return shown;
      this.#held = this.#held.slice(1);
      shown += "\n";
      this.#endLine();
    }
    return shown;
  }

  /** The start of a line whose kind is known. */
  #begin(text: string): Block {
    const { dim, bold, cyan, underline } = this.#colours;
    const fence = FENCE.exec(text)?.[1];
    if (this.#fence !== undefined) {
      const isEnd = fence?.startsWith(this.#fence) && text.trim() === fence;
      if (isEnd) this.#fence = undefined;
      return isEnd ? { marker: "", rest: "" } : { marker: text && cyan(`  ${text}`), rest: "" };
    }
    if (fence !== undefined) {
      this.#fence = fence;
      return { marker: dim(`  ${text.trim().slice(fence.length).trim() || "──"}`), rest: "" };
    }
    if (/^ {0,3}(?:-[ -]*-[ -]*-|\*[ *]*\*[ *]*\*|_[ _]*_[ _]*_)[ \t]*$/.test(text))
      return { marker: dim("─".repeat(40)), rest: "" };
    const heading = /^ {0,3}(#{1,6}) +/.exec(text);
    if (heading) {
      const style: Style = heading[1] === "#" ? (part) => bold(underline(part)) : bold;
      return { marker: "", rest: text.slice(heading[0].length), style };
    }
    const item = /^( *)([-*+]|\d{1,3}[.)]) +/.exec(text);
    if (item) {
      const sign = /\d/.test(item[2] ?? "") ? (item[2] ?? "") : "•";
      return { marker: `${item[1]}${cyan(sign)} `, rest: text.slice(item[0].length) };
    }
    const quote = /^ {0,3}> ?/.exec(text);
    if (quote) return { marker: dim("│ "), rest: text.slice(quote[0].length), style: dim };
    return { marker: "", rest: text };
  }

  /** Shows the text of a line up to a marker that cannot be judged before the next character comes. */
  #inline(text: string, isWhole: boolean): { out: string; used: number } {
    let out = "";
    let run = "";
    let at = 0;
    const flush = () => {
      out += this.#styled(run);
      run = "";
    };
    while (at < text.length) {
      const marker = this.#code ? (text[at] === "`" ? "`" : "") : markerAt(text, at);
      const after = text[at + marker.length];
      if (marker !== "" && after === undefined && !isWhole) break;
      if (marker !== "" && this.#toggles(marker, after ?? " ")) {
        flush();
        this.#toggle(marker);
      } else run += marker || (text[at] ?? "");
      this.#previous = text[at + Math.max(1, marker.length) - 1] ?? " ";
      at += Math.max(1, marker.length);
    }
    flush();
    return { out, used: at };
  }

  #toggles(marker: string, after: string): boolean {
    if (marker === "`") return true;
    const isOpen = marker.length === 2 ? this.#bold : this.#italic;
    if (isOpen) return !/\s/.test(this.#previous) && (marker[0] !== "_" || !/[\p{L}\p{N}]/u.test(after));
    return BEFORE_OPENING.test(this.#previous) && AFTER_OPENING.test(after);
  }

  #toggle(marker: string): void {
    if (marker === "`") this.#code = !this.#code;
    else if (marker.length === 2) this.#bold = !this.#bold;
    else this.#italic = !this.#italic;
  }

  #styled(text: string): string {
    if (text === "") return "";
    let styled = text;
    if (this.#code) styled = this.#colours.cyan(styled);
    if (this.#bold) styled = this.#colours.bold(styled);
    if (this.#italic) styled = this.#colours.italic(styled);
    return this.#block ? this.#block(styled) : styled;
  }

  /** An emphasis that was not closed ends with its line. */
  #endLine(): void {
    this.#inLine = false;
    this.#block = undefined;
    this.#bold = false;
    this.#italic = false;
    this.#code = false;
    this.#previous = " ";
  }
}

function mayBecomeMarker(start: string): boolean {
  if (FENCE.test(start)) return true;
  return UNDECIDED.test(start) || /^ {0,3}[-*_][-*_ ]*$/.test(start);
}

function markerAt(text: string, at: number): string {
  const character = text[at];
  if (character === "`") return "`";
  if (character !== "*" && character !== "_") return "";
  return text[at + 1] === character ? character.repeat(2) : character;
}
