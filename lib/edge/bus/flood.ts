// How much each Mac may say: a bucket of messages and one of bytes for each. What is beyond is dropped before it is read, and who goes
// on is cut off.

/** What a full bucket holds, and what flows in each second. 200 calls that all print at once stay within it. */
const MESSAGES = { most: 20_000, perS: 2_000 };
const BYTES = { most: 128 * 1_048_576, perS: 16 * 1_048_576 };
/** Dropped messages of one Mac after which it is cut off. */
const TOO_MANY = 1_000;
/** Macs that have said nothing for so long are forgotten: their buckets are full again. */
const FORGET_MS = 60_000;

type Bucket = { messages: number; bytes: number; at: number; dropped: number };

export class Flood {
  readonly #buckets = new Map<string, Bucket>();
  readonly #cutOff: (nodeId: string) => void;
  readonly #now: () => number;
  #swept = 0;

  /** @param cutOff told once of each Mac that goes on saying too much, until its buckets are full again */
  constructor(cutOff: (nodeId: string) => void, now: () => number = () => performance.now()) {
    this.#cutOff = cutOff;
    this.#now = now;
  }

  /** Whether a message may be read. */
  takes(nodeId: string, bytes: number): boolean {
    const bucket = this.#filled(nodeId);
    if (bucket.messages >= 1 && bucket.bytes >= bytes) {
      bucket.messages -= 1;
      bucket.bytes -= bytes;
      return true;
    }
    bucket.dropped += 1;
    if (bucket.dropped === TOO_MANY) this.#cutOff(nodeId);
    return false;
  }

  #filled(nodeId: string): Bucket {
    const now = this.#now();
    this.#sweep(now);
    const bucket = this.#buckets.get(nodeId) ?? {
      messages: MESSAGES.most,
      bytes: BYTES.most,
      at: now,
      dropped: 0,
    };
    const seconds = (now - bucket.at) / 1_000;
    bucket.at = now;
    bucket.messages = Math.min(MESSAGES.most, bucket.messages + seconds * MESSAGES.perS);
    bucket.bytes = Math.min(BYTES.most, bucket.bytes + seconds * BYTES.perS);
    if (bucket.messages === MESSAGES.most && bucket.bytes === BYTES.most) bucket.dropped = 0;
    this.#buckets.set(nodeId, bucket);
    return bucket;
  }

  #sweep(now: number): void {
    if (now - this.#swept < FORGET_MS) return;
    this.#swept = now;
    for (const [nodeId, { at }] of this.#buckets) if (now - at > FORGET_MS) this.#buckets.delete(nodeId);
  }
}
