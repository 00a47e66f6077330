// Thoughts that a server sends within the answer's text, between `<think>` and `</think>` or what its model writes instead: those
// of a local model whose chat template nobody takes apart. Only tags that open the answer count; anywhere else they are what the
// answer talks about.

export type Piece = { type: "text" | "reasoning"; text: string };

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
export class ThinkTags {
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
