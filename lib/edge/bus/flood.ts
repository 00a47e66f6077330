// How much each Mac may say: a bucket of messages and one of bytes for each. What is beyond is dropped before it is read, and who goes
// on is cut off.
import { Bucket } from "../../bucket.ts";

/** What all calls of a Mac print stays within it (mac-node/calls/live-output.ts). */
const MESSAGES = { most: 20_000, perS: 2_000 };
const BYTES = { most: 128 * 1_048_576, perS: 16 * 1_048_576 };
/** What of one Mac is dropped until it is cut off. */
const TOO_MANY = { messages: 1_000, bytes: 64 * 1_048_576 };
/** Macs that have said nothing for so long are forgotten: their buckets are full again. */
const FORGET_MS = 60_000;
/** One that goes on all the same is cut off again: it may not have worked. */
const AGAIN_MS = 15_000;

type Heard = {
  messages: Bucket;
  bytes: Bucket;
  at: number;
  dropped: { messages: number; bytes: number };
  cutOffAt: number;
};

export class Flood {
  readonly #macs = new Map<string, Heard>();
  readonly #cutOff: (nodeId: string) => void;
  readonly #now: () => number;
  #swept = 0;

  /** @param cutOff told of each Mac that goes on saying too much, every fifteen seconds */
  constructor(cutOff: (nodeId: string) => void, now: () => number = () => performance.now()) {
    this.#cutOff = cutOff;
    this.#now = now;
  }

  /** Whether a message may be read. */
  takes(nodeId: string, bytes: number): boolean {
    const now = this.#now();
    this.#sweep(now);
    const mac = this.#macs.get(nodeId) ?? this.#first();
    this.#macs.set(nodeId, mac);
    mac.at = now;
    if (mac.messages.isFull && mac.bytes.isFull) mac.dropped = { messages: 0, bytes: 0 };
    if (mac.messages.takes() && mac.bytes.takes(bytes)) return true;
    mac.dropped.messages += 1;
    mac.dropped.bytes += bytes;
    const isTooMuch = mac.dropped.messages >= TOO_MANY.messages || mac.dropped.bytes >= TOO_MANY.bytes;
    if (isTooMuch && now - mac.cutOffAt >= AGAIN_MS) {
      mac.cutOffAt = now;
      this.#cutOff(nodeId);
    }
    return false;
  }

  #first(): Heard {
    const [messages, bytes] = [new Bucket(MESSAGES, this.#now), new Bucket(BYTES, this.#now)];
    return { messages, bytes, at: 0, dropped: { messages: 0, bytes: 0 }, cutOffAt: Number.NEGATIVE_INFINITY };
  }

  #sweep(now: number): void {
    if (now - this.#swept < FORGET_MS) return;
    this.#swept = now;
    for (const [nodeId, { at }] of this.#macs) if (now - at > FORGET_MS) this.#macs.delete(nodeId);
  }
}
