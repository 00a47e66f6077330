// The one writer to the terminal: lasting text above, and below it a live part (spinner, running tools) that is drawn again
// and again and leaves no trace. Where output is no terminal (or a dumb one) there is no live part, and notes go to standard error.
import { isDumbTerminal } from "../../lib/env.ts";
import { type Colours, coloursFor } from "./colours.ts";
import { fitLine } from "./fit-line.ts";
import { type Texts, textsFor } from "./texts.ts";
import { wrapText } from "./wrap.ts";

/** The part of a stream that is used, so that a test can give its own. */
export type Output = { isTTY?: boolean; columns?: number; write(text: string): unknown };

/** `spins`: the line begins with the spinner. */
export type LiveLine = { text: string; spins?: boolean; style?: (text: string) => string };

const FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
const FRAME_MS = 100;

export class Screen {
  readonly isTerminal: boolean;
  readonly colours: Colours;
  /** In the language of whoever looks at it. */
  readonly texts: Texts;
  readonly #answer: Output;
  readonly #notes: Output;
  #live: (() => LiveLine[]) | undefined;
  #drawn = 0;
  #frame = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Lasting text ended in the middle of a line: the live part must not touch that line. */
  #column = "";

  constructor(answer: Output, notes: Output, texts: Texts = textsFor("en")) {
    this.texts = texts;
    this.isTerminal = answer.isTTY === true && !isDumbTerminal();
    this.colours = coloursFor(answer);
    this.#answer = answer;
    this.#notes = this.isTerminal ? answer : notes;
  }

  get columns(): number {
    return Math.max(20, this.#answer.columns ?? 80);
  }

  /** Text of the answer, as it comes. */
  write(text: string): void {
    this.#put(this.#answer, text);
  }

  /** A line beside the answer: notices, cards, questions. Begins a line of its own. */
  note(line: string): void {
    this.freshLine();
    this.#put(this.#notes, `${line}\n`);
  }

  /** Sentences beside the answer: on a terminal they are broken between words. */
  tell(text: string, style: (line: string) => string = (line) => line): void {
    for (const paragraph of text.split("\n")) {
      const lines = this.isTerminal ? wrapText(paragraph, this.columns - 3) : [paragraph];
      for (const line of lines) this.note(style(line));
    }
  }

  /** Ends the line that was begun, if one was. */
  freshLine(): void {
    if (this.#column !== "") this.write("\n");
  }

  /** Shows these lines below everything until `quiet`; the function is asked again for each frame. */
  live(lines: () => LiveLine[]): void {
    this.#live = lines;
    if (!this.isTerminal) return;
    this.#timer ??= setInterval(() => this.#tick(), FRAME_MS).unref();
  }

  /** Takes the live part away. */
  quiet(): void {
    this.#live = undefined;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#erase();
  }

  #put(output: Output, text: string): void {
    if (text === "") return;
    this.#erase();
    output.write(text);
    if (output === this.#answer) this.#column = text.slice(text.lastIndexOf("\n") + 1);
  }

  #tick(): void {
    this.#frame += 1;
    if (this.#column !== "") return;
    this.#erase();
    const lines = this.#live?.() ?? [];
    const spinner = FRAMES[this.#frame % FRAMES.length] ?? "";
    for (const { text, spins, style } of lines) {
      const line = fitLine(spins ? `${spinner} ${text}` : text, this.columns - 1);
      this.#answer.write(`${style ? style(line) : line}\n`);
    }
    this.#drawn = lines.length;
  }

  #erase(): void {
    if (this.#drawn === 0) return;
    this.#answer.write(`\x1b[${this.#drawn}A\x1b[0J`);
    this.#drawn = 0;
  }
}
