// What a call prints while it runs, for whoever watches: at once where it prints now and then, gathered into pieces of a size worth
// sending where it goes on, and at most one mebibyte of it. Made for each call by tool-context.ts.
import { Bucket } from "../../lib/bucket.ts";
import { headOf } from "../../lib/cut-text.ts";

export type OutputPiece = { stream: "stdout" | "stderr"; text: string };

/** Characters of one call that are sent while it runs; its result holds head and tail of all. */
export const LIVE_LIMIT = 1_048_576;
/** A piece is sent when it is this long, or this old in milliseconds, or at once while there are few of them. */
const PIECE_LENGTH = 16_384;
const PIECE_AGE_MS = 50;
/** A call sends no more of them in the long run than one each `PIECE_AGE_MS`. */
const PIECES = { most: 20, perS: 1_000 / PIECE_AGE_MS };
/** All calls together: a hub counts what a Mac says (lib/edge/bus/flood.ts). */
const ALL_PIECES = { most: 5_000, perS: 1_000 };
const ofAllCalls = new Bucket(ALL_PIECES);

export class LiveOutput {
  readonly #publish: (piece: OutputPiece) => void;
  #left = LIVE_LIMIT;
  #pieces: OutputPiece[] = [];
  #length = 0;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #over = false;
  readonly #rate: Bucket;
  readonly #all: Bucket;

  constructor(publish: (piece: OutputPiece) => void, now?: () => number, all = ofAllCalls) {
    this.#publish = publish;
    this.#rate = new Bucket(PIECES, now);
    this.#all = all;
  }

  /** Ignored once the call is over or the limit is reached. @returns whether more would be heard */
  add(stream: "stdout" | "stderr", text: string): boolean {
    if (this.#over || this.#left === 0) return false;
    if (text === "") return true;
    const kept = headOf(text, this.#left);
    this.#left = kept.length < text.length ? 0 : this.#left - kept.length;
    const note = this.#left === 0 ? "\n… the rest is not shown while it runs …\n" : "";
    const last = this.#pieces.at(-1);
    if (last?.stream === stream) last.text += kept + note;
    else this.#pieces.push({ stream, text: kept + note });
    this.#length += kept.length;
    if (this.#length >= PIECE_LENGTH) this.#flush();
    else this.#schedule();
    return this.#left > 0;
  }

  /** At once means with all that has come already. */
  #schedule(): void {
    if (this.#immediate ?? this.#timer) return;
    if (this.#rate.takes() && this.#all.takes()) this.#immediate = setImmediate(() => this.#flush());
    else this.#timer = setTimeout(() => this.#isTime(), PIECE_AGE_MS);
  }

  #isTime(): void {
    this.#rate.takes();
    if (this.#all.takes()) this.#flush();
    else this.#timer = setTimeout(() => this.#isTime(), PIECE_AGE_MS);
  }

  /** Sends what is gathered; nothing is sent afterwards. */
  end(): void {
    this.#flush();
    this.#over = true;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#timer = undefined;
    this.#immediate = undefined;
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#length = 0;
    for (const piece of pieces) this.#publish(piece);
  }
}
