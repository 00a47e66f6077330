// Where the text of a document goes, piece by piece, so that no more of it is held than is wanted.

/** Takes text; whoever writes looks at `isFull` now and then, and stops. */
export interface TextSink {
  readonly isFull: boolean;
  write(text: string): void;
  /** A part of the document begins, e.g. `page 3`. */
  begin(part: string): void;
}

/** Controls that stand in no text; tabs and line breaks do. */
const NO_TEXT = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g;

/** Line ends alike, nothing that is no text. */
export const tidy = (text: string): string =>
  text.replace(/\r\n?/g, "\n").replace(NO_TEXT, "").toWellFormed();

/** Of spaces in a row, whatever a page has; more would make a search for their end slow. */
const MOST_SPACES = 200;
const MANY_SPACES = /[ \t]{200,}/g;
const BEFORE_BREAK = /[ \t]{1,200}\n/g;
/** Two or more empty lines. */
const EMPTY_LINES = /\n{3,}/g;

/** Passes text on without spaces at the ends of lines and with at most one empty line between two others: documents leave many. */
export class Paragraphs implements TextSink {
  readonly #sink: TextSink;
  /** Whether a break ends a line or an empty one is told by what comes behind it. */
  #spaces = "";
  #isPartEmpty = true;
  #isEmpty = true;

  constructor(sink: TextSink) {
    this.#sink = sink;
  }

  get isFull(): boolean {
    return this.#sink.isFull;
  }

  write(text: string): void {
    const joined = (this.#spaces + tidy(text))
      .replace(MANY_SPACES, " ".repeat(MOST_SPACES))
      .replace(BEFORE_BREAK, "\n")
      .replace(EMPTY_LINES, "\n\n");
    const settled = joined.trimEnd();
    this.#spaces = joined.slice(settled.length).slice(-MOST_SPACES);
    if (settled === "") return;
    this.#sink.write(this.#isPartEmpty ? settled.trimStart() : settled);
    this.#isPartEmpty = false;
    this.#isEmpty = false;
  }

  begin(part: string): void {
    if (!this.#isEmpty) this.#sink.write("\n\n");
    this.#spaces = "";
    this.#isPartEmpty = true;
    this.#isEmpty = false;
    this.#sink.begin(part);
  }
}
