// What a command prints, kept within a limit: its head and its tail, and how much between them was left out.
// One capture for each stream of a command, made by run-command.ts.

/** Bytes of one stream that are kept. */
const STREAM_LIMIT = 1_048_576;

export class Capture {
  readonly #headLimit: number;
  readonly #tailLimit: number;
  readonly #head: Buffer[] = [];
  #headBytes = 0;
  #tail: Buffer[] = [];
  #tailBytes = 0;
  #total = 0;

  constructor(limit: number = STREAM_LIMIT) {
    this.#headLimit = Math.floor(limit / 2);
    this.#tailLimit = limit - this.#headLimit;
  }

  get truncated(): boolean {
    return this.#total > this.#headLimit + this.#tailLimit;
  }

  add(chunk: Buffer): void {
    this.#total += chunk.length;
    const forHead = Math.min(this.#headLimit - this.#headBytes, chunk.length);
    if (forHead > 0) {
      this.#head.push(chunk.subarray(0, forHead));
      this.#headBytes += forHead;
    }
    if (forHead < chunk.length) this.#addTail(chunk.subarray(forHead));
  }

  #addTail(chunk: Buffer): void {
    this.#tail.push(chunk);
    this.#tailBytes += chunk.length;
    // Whole chunks are let go once what follows them fills the tail; joined now and then, so that a command which prints
    // a byte at a time does not keep a million of them.
    if (this.#tailBytes <= this.#tailLimit * 2 && this.#tail.length < 4_096) return;
    const joined = Buffer.concat(this.#tail);
    const kept = Buffer.from(joined.subarray(Math.max(0, joined.length - this.#tailLimit)));
    this.#tail = [kept];
    this.#tailBytes = kept.length;
  }

  /** All of it, or head and tail with a line between that says how many bytes were left out. Whole characters only. */
  text(): string {
    const head = Buffer.concat(this.#head);
    const joined = Buffer.concat(this.#tail);
    const tail = joined.subarray(Math.max(0, joined.length - this.#tailLimit));
    const leftOut = this.#total - head.length - tail.length;
    if (leftOut === 0) return Buffer.concat([head, tail]).toString("utf8");
    const whole = head.subarray(0, endOfWholeCharacters(head)).toString("utf8");
    const rest = tail.subarray(startOfWholeCharacters(tail)).toString("utf8");
    return `${whole}\n… ${leftOut} bytes left out …\n${rest}`;
  }
}

const isContinuation = (byte: number | undefined) => byte !== undefined && (byte & 0xc0) === 0x80;

/** How much of the end is a character cut short: its bytes are not shown as damage. */
function endOfWholeCharacters(bytes: Buffer): number {
  let start = bytes.length - 1;
  while (start > bytes.length - 4 && isContinuation(bytes[start])) start -= 1;
  const lead = bytes[start];
  if (lead === undefined || lead < 0xc0) return bytes.length;
  const wanted = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  return start + wanted > bytes.length ? start : bytes.length;
}

function startOfWholeCharacters(bytes: Buffer): number {
  let start = 0;
  while (start < 3 && isContinuation(bytes[start])) start += 1;
  return start;
}
