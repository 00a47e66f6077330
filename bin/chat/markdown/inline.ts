// What is inside a line of Markdown: bold, italic, code and links, as the text comes.
import type { Colours } from "../../terminal/colours.ts";

export type Style = (text: string) => string;

/** What may stand before and after the opening of an emphasis, so that products and file patterns stay as they are. */
const BEFORE_OPENING = /[\s([{"'—–-]/;
const AFTER_OPENING = /[\p{L}\p{N}`"'([$<_*~¿¡“]/u;
const LINK = /^!?\[([^[\]]{1,200})\]\((https?:\/\/[^\s()]{1,500}|mailto:[^\s()]{1,200})\)/;
/** A beginning of a link that the next characters may complete. */
const LINK_BEGUN =
  /^!?(?:\[[^[\]]{0,200}(?:\](?:\((?:h(?:t(?:t(?:p(?:s?(?::(?:\/(?:\/[^\s()]{0,500})?)?)?)?)?)?)?|m[^\s()]{0,200})?)?)?)?$/;

/** Remembers what is open in the line; nothing it returns leaves the terminal in a style. */
export class Inline {
  readonly #colours: Colours;
  #block: Style | undefined;
  #bold = false;
  #italic = false;
  #code = false;
  #previous = " ";

  constructor(colours: Colours) {
    this.#colours = colours;
  }

  /** @param block the style of the line's whole text */
  beginLine(block?: Style): void {
    this.#block = block;
    // An emphasis that was not closed ended with its line.
    this.#bold = false;
    this.#italic = false;
    this.#code = false;
    this.#previous = " ";
  }

  /**
   * Shows the text up to a marker that cannot be judged before more of it comes.
   * @param isWhole the line is complete: everything can be judged
   * @returns how many characters were used, and what they look like
   */
  show(text: string, isWhole: boolean): { out: string; used: number } {
    let out = "";
    let run = "";
    let at = 0;
    const flush = () => {
      out += this.#styled(run);
      run = "";
    };
    while (at < text.length) {
      const link = this.#code ? null : this.#linkAt(text, at, isWhole);
      if (link === "undecided") break;
      if (link) {
        flush();
        out += link.shown;
        at += link.length;
        this.#previous = ")";
        continue;
      }
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

  /** The words of a link and where it leads: both, because words can say anything. */
  #linkAt(text: string, at: number, isWhole: boolean) {
    if (text[at] !== "[" && text[at] !== "!") return null;
    const rest = text.slice(at);
    const found = LINK.exec(rest);
    if (!found) return !isWhole && LINK_BEGUN.test(rest) ? "undecided" : null;
    const [whole, words = "", address = ""] = found;
    const label = words.replaceAll(/\*\*|`/g, "");
    const { underline, dim } = this.#colours;
    const shown =
      label === address
        ? this.#styled(underline(address))
        : `${this.#styled(underline(label))}${dim(` (${address})`)}`;
    return { shown, length: whole.length };
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
}

function markerAt(text: string, at: number): string {
  const character = text[at];
  if (character === "`") return "`";
  if (character !== "*" && character !== "_") return "";
  return text[at + 1] === character ? character.repeat(2) : character;
}
