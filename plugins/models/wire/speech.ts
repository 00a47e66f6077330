// What a model says, on its way to whoever listens: text and thoughts, never empty and never half a character. Used by the
// readers of answers (openai/answer.ts, anthropic/answer.ts).
import type { ModelChunk } from "../../../contracts/models.ts";
import { ThinkTags } from "./think-tags.ts";

export type SpeechKind = "text" | "reasoning";

/** One answer on its way. Half of a character that was cut in two waits for its other half. */
export class Speech {
  readonly #onChunk: (chunk: ModelChunk) => void;
  /** Only until the answer has begun: after that every piece is text. */
  #tags: ThinkTags | undefined;
  /** The first half of a character whose other half comes with the next piece. */
  readonly #half = { text: "", reasoning: "" };
  /** Whether anything was said, and whether there is a word of text in it. */
  hasBegun = false;
  hasText = false;

  /** @param hasTags thoughts may come within the text, between tags */
  constructor(onChunk: (chunk: ModelChunk) => void, hasTags: boolean) {
    this.#onChunk = onChunk;
    this.#tags = hasTags ? new ThinkTags() : undefined;
  }

  say(kind: SpeechKind, text: string): void {
    if (text === "") return;
    if (kind === "reasoning" || !this.#tags) {
      this.#send(kind, text);
      return;
    }
    for (const piece of this.#tags.push(text)) this.#send(piece.type, piece.text);
    if (this.#tags.isOver) this.#tags = undefined;
  }

  /** Says what was held back. */
  end(): void {
    for (const piece of this.#tags?.end() ?? []) this.#send(piece.type, piece.text);
    for (const kind of ["reasoning", "text"] as const) {
      const half = this.#half[kind];
      this.#half[kind] = "";
      if (half !== "") this.#tell(kind, half.toWellFormed());
    }
  }

  #send(kind: SpeechKind, piece: string): void {
    const text = this.#half[kind] + piece;
    const isCut = isFirstHalf(text.charCodeAt(text.length - 1));
    this.#half[kind] = isCut ? text.slice(-1) : "";
    this.#tell(kind, isCut ? text.slice(0, -1) : text);
  }

  #tell(type: SpeechKind, text: string): void {
    if (text === "") return;
    this.hasBegun = true;
    this.hasText ||= type === "text" && text.trim() !== "";
    this.#onChunk({ type, text: text.toWellFormed() });
  }
}

const isFirstHalf = (unit: number) => unit >= 0xd800 && unit <= 0xdbff;
