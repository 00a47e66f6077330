// What is inside a line of Markdown: bold, italic, code and links, as the text comes.
import type { Colours } from "../../terminal/colours.ts";
import { closes, opens } from "./flanking.ts";

export type Style = (text: string) => string;

const LINK = /^!?\[([^[\]]{1,200})\]\((https?:\/\/[^\s()]{1,500}|mailto:[^\s()]{1,200})\)/;
/** A beginning of a link that the next characters may complete. */
const LINK_BEGUN =
  /^!?(?:\[[^[\]]{0,200}(?:\](?:\((?:h(?:t(?:t(?:p(?:s?(?::(?:\/(?:\/[^\s()]{0,500})?)?)?)?)?)?)?|m[^\s()]{0,200})?)?)?)?$/;

/** Characters that are held until the end of an emphasis is seen. */
const LONGEST_HELD = 500;

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
      if (marker === "") {
        this.#previous = characterAt(text, at);
        run += this.#previous;
        at += this.#previous.length;
        continue;
      }
      if (text[at + marker.length] === undefined && !isWhole) break;
      const toggles = this.#toggles(marker, text, at, isWhole);
      if (toggles === "undecided") break;
      if (toggles) {
        flush();
        this.#toggle(marker);
      } else run += marker;
      this.#previous = marker.slice(-1);
      at += marker.length;
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

  #toggles(marker: string, text: string, at: number, isWhole: boolean): boolean | "undecided" {
    if (marker === "`") return true;
    const sides = { before: this.#previous, after: characterAt(text, at + marker.length) };
    if (marker.length === 2 ? this.#bold : this.#italic) return closes(marker, sides);
    const opening = opens(marker, sides);
    if (opening !== "if_closed") return opening === "yes";
    if (isClosedLater(text, at + marker.length, marker)) return true;
    // Text is never held without a bound.
    return isWhole || text.length - at > LONGEST_HELD ? false : "undecided";
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

function characterAt(text: string, at: number): string {
  const code = text.codePointAt(at);
  return code === undefined ? " " : String.fromCodePoint(code);
}

/** Whether the line has an end of this emphasis behind its beginning; others may begin and end in between. */
function isClosedLater(text: string, from: number, marker: string): boolean {
  const within = text.slice(0, from + LONGEST_HELD);
  let inner = 0;
  for (let at = within.indexOf(marker, from + 1); at >= 0; at = within.indexOf(marker, at + marker.length)) {
    const isDouble = marker.length === 1 && (text[at + 1] === marker || text[at - 1] === marker);
    if (isDouble) continue;
    const before = [...text.slice(Math.max(0, at - 2), at)].at(-1) ?? " ";
    const sides = { before, after: characterAt(text, at + marker.length) };
    if (closes(marker, sides)) {
      if (inner === 0) return true;
      inner -= 1;
    } else if (opens(marker, sides) !== "no") inner += 1;
  }
  return false;
}

function markerAt(text: string, at: number): string {
  const character = text[at];
  if (character === "`") return "`";
  if (character !== "*" && character !== "_") return "";
  return text[at + 1] === character ? character.repeat(2) : character;
}
