// Keeps text of models and tools from driving the terminal: escape sequences, control characters and characters that turn
// the direction of text are taken out, also when a sequence is split over pieces.

/** Where in an escape sequence the text is: outside, after ESC, in a CSI, or in a string (OSC, DCS, …). */
type State = "text" | "escape" | "control" | "string" | "string_escape";

/** Bidirectional controls: they can make a command read as another one. */
const isBidi = (code: number) =>
  (code >= 0x202a && code <= 0x202e) ||
  (code >= 0x2066 && code <= 0x2069) ||
  code === 0x200e ||
  code === 0x200f ||
  code === 0x061c;
const isControl = (code: number) => code < 0x20 || (code >= 0x7f && code <= 0x9f);
/** ESC P, X, ], ^, _ and their one-byte forms begin a string that ends with BEL or ESC \. */
const STRINGS = new Set("PX]^_");
const STRING_CODES = new Set([0x90, 0x98, 0x9d, 0x9e, 0x9f]);

/** One per stream of text: it remembers a sequence that has begun. */
export class TextCleaner {
  #state: State = "text";
  /** The first half of a character that was cut in two, as some models' pieces are. */
  #half = "";

  /** What may be shown of the next piece: everything but line feeds and tabs has lost its power. */
  push(piece: string): string {
    let kept = "";
    const last = piece.charCodeAt(piece.length - 1);
    const isCut = last >= 0xd800 && last <= 0xdbff;
    const whole = this.#half + (isCut ? piece.slice(0, -1) : piece);
    this.#half = isCut ? piece.slice(-1) : "";
    for (const character of whole) {
      // A line feed ends every sequence, so that an unfinished one hides one line at most.
      if (character === "\n") {
        this.#state = "text";
        kept += "\n";
      } else if (this.#state === "text") kept += this.#text(character);
      else this.#state = this.#next(character);
    }
    return kept;
  }

  #text(character: string): string {
    const code = character.codePointAt(0) ?? 0;
    if (code === 0x1b) this.#state = "escape";
    else if (code === 0x9b) this.#state = "control";
    else if (STRING_CODES.has(code)) this.#state = "string";
    else if (character === "\t" || !(isControl(code) || isBidi(code))) return character;
    return "";
  }

  #next(character: string): State {
    const code = character.codePointAt(0) ?? 0;
    if (this.#state === "string" || this.#state === "string_escape") {
      if (code === 0x07 || code === 0x9c) return "text";
      if (this.#state === "string_escape" && character === "\\") return "text";
      return code === 0x1b ? "string_escape" : "string";
    }
    if (code === 0x1b) return "escape";
    if (this.#state === "control") return code >= 0x40 && code <= 0x7e ? "text" : "control";
    if (character === "[") return "control";
    if (STRINGS.has(character)) return "string";
    // ESC and intermediate bytes (0x20-0x2f) go on to one final byte.
    return code >= 0x20 && code <= 0x2f ? "escape" : "text";
  }
}

/** A whole text, cleaned. */
export function cleanText(text: string): string {
  return new TextCleaner().push(text);
}

/**
 * What looks like nothing or like a common space: formats (zero-width, bidirectional, tags), variation selectors, fillers, other
 * spaces and line ends, halves of characters. The wide space of Chinese and Japanese text is seen as what it is.
 */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?![ \u3000])\p{Zs}/u;
/** A joiner or a variation selector is no more than a part of an emoji where it stands in one. */
const EMOJI =
  /\p{Extended_Pictographic}(?:\ufe0f|\p{Emoji_Modifier})?(?:\u200d\p{Extended_Pictographic}(?:\ufe0f|\p{Emoji_Modifier})?)*/gu;

/** For what a person must judge: what could deceive is shown as `\u…` instead of being taken out. */
export function visibleText(text: string): string {
  let shown = "";
  let at = 0;
  for (const { index, 0: emoji } of text.matchAll(EMOJI)) {
    shown += unveiled(text.slice(at, index)) + emoji;
    at = index + emoji.length;
  }
  return shown + unveiled(text.slice(at));
}

/** As `visibleText`, in one line: for names, which could else bring lines of their own. */
export function visibleLine(text: string): string {
  return visibleText(text).replaceAll("\n", "\\n").replaceAll("\t", "\\t");
}

function unveiled(text: string): string {
  let shown = "";
  for (const character of text) {
    const isPlain = character === "\n" || character === "\t" || !UNSEEN.test(character);
    shown += isPlain ? character : escaped(character);
  }
  return shown;
}

/** As JSON has it, so that a line of JSON stays one. */
function escaped(character: string): string {
  return character
    .split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
}
