// Markdown that grows: blocks that are finished are kept, only the last one is read again. What comes later can change earlier blocks in
// one way only (the target of a link by name), so the whole is read once more when the text is complete.
import { blocksOf, htmlOf } from "./parse.ts";
import { type CleanHtml, sanitise } from "./sanitise.ts";

export type Piece = { key: number; html: CleanHtml; raw: string; isGrowing: boolean };

export class GrowingMarkdown {
  #source = "";
  /** Characters of the source that finished pieces are made of. */
  #settled = 0;
  #pieces: Piece[] = [];
  #isComplete = false;

  /** @returns the same objects for pieces that did not change */
  update(text: string, isComplete: boolean): Piece[] {
    const source = text.replace(/\r\n?/g, "\n");
    if (source === this.#source && isComplete === this.#isComplete) return this.#pieces;
    const isLonger = source.startsWith(this.#source) && !isComplete;
    const kept = isLonger ? this.#pieces.filter(({ isGrowing }) => !isGrowing) : [];
    const from = isLonger ? this.#settled : 0;
    this.#source = source;
    this.#isComplete = isComplete;
    const tokens = blocksOf(source.slice(from));
    const last = isComplete ? undefined : tokens.findLastIndex(({ type }) => type !== "space");
    const pieces = [...kept];
    this.#settled = from;
    for (const [index, token] of tokens.entries()) {
      const isGrowing = last !== undefined && index >= last;
      if (!isGrowing) this.#settled += token.raw.length;
      if (token.type === "space" || token.type === "def") continue;
      pieces.push(this.#piece(pieces.length, token, isGrowing));
    }
    this.#pieces = pieces;
    return pieces;
  }

  #piece(key: number, token: Parameters<typeof htmlOf>[0], isGrowing: boolean): Piece {
    const before = this.#pieces[key];
    if (before && before.raw === token.raw && before.isGrowing === isGrowing) return before;
    return { key, html: sanitise(htmlOf(token)), raw: token.raw, isGrowing };
  }
}
