// What a model says, on its way to whoever listens: text and thoughts, never empty and never half a character. Used by the
// readers of answers (openai/answer.ts, anthropic/answer.ts).
// Thoughts stand apart also where a server sends them within the answer's text, between `<think>` and `</think>` or what its
// model writes instead: those of a local model whose chat template nobody takes apart. Only tags that open the answer count;
// anywhere else they are what the answer talks about.
import type { ModelChunk } from "../../../contracts/models.ts";

type SpeechKind = "text" | "reasoning";

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

type Piece = { type: "text" | "reasoning"; text: string };

/** DeepSeek's, Qwen's and most others'; ByteDance's, Magistral's, Kimi's. In small letters. */
const TAGS: [opening: string, closing: string][] = [
  ...["think", "thinking", "thought", "reasoning", "seed:think"].map((name): [string, string] => [
    `<${name}>`,
    `</${name}>`,
  ]),
  ["[think]", "[/think]"],
  ["◁think▷", "◁/think▷"],
];

/** One answer. Joined in their order, the pieces are the text without its tags. */
class ThinkTags {
  #state: "beginning" | "thoughts" | "answer" = "beginning";
  #closing = "";
  /** Text that may be a part of a tag. */
  #held = "";
  /** White space between thoughts and answer is no part of either. */
  #isFirst = true;

  /** Whatever comes now is the answer as it is. */
  get isOver(): boolean {
    return this.#state === "answer" && !this.#isFirst;
  }

  push(text: string): Piece[] {
    if (this.#state === "answer") return this.#answer(text);
    this.#held += text;
    if (this.#state === "beginning") return this.#begin();
    return this.#think();
  }

  /** What was held back, when nothing more comes. */
  end(): Piece[] {
    const text = this.#held;
    this.#held = "";
    if (text === "") return [];
    return [{ type: this.#state === "thoughts" ? "reasoning" : "text", text }];
  }

  #begin(): Piece[] {
    const begun = this.#held.trimStart();
    const tag = TAGS.find(([opening]) => begun.slice(0, opening.length).toLowerCase() === opening);
    if (!tag) {
      // What may still become one.
      if (TAGS.some(([opening]) => opening.startsWith(begun.toLowerCase()))) return [];
      this.#state = "answer";
      this.#isFirst = false;
      return this.end();
    }
    this.#state = "thoughts";
    this.#closing = tag[1];
    this.#held = begun.slice(tag[0].length);
    return this.#think();
  }

  #think(): Piece[] {
    const end = this.#held.search(new RegExp(RegExp.escape(this.#closing), "i"));
    if (end < 0) {
      const sure = this.#held.length - partOfTag(this.#held, this.#closing);
      const text = this.#held.slice(0, sure);
      this.#held = this.#held.slice(sure);
      return text === "" ? [] : [{ type: "reasoning", text }];
    }
    const thoughts = this.#held.slice(0, end);
    const answer = this.#held.slice(end + this.#closing.length);
    this.#held = "";
    this.#state = "answer";
    return [
      ...(thoughts === "" ? [] : [{ type: "reasoning", text: thoughts } as const]),
      ...this.#answer(answer),
    ];
  }

  #answer(text: string): Piece[] {
    const said = this.#isFirst ? text.trimStart() : text;
    if (said === "") return [];
    this.#isFirst = false;
    return [{ type: "text", text: said }];
  }
}

/** Characters at the end of the text that may be the beginning of the tag. */
function partOfTag(text: string, tag: string): number {
  for (let length = Math.min(text.length, tag.length - 1); length > 0; length -= 1)
    if (text.slice(-length).toLowerCase() === tag.slice(0, length)) return length;
  return 0;
}
