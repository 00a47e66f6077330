// Answers that could not be sent because NATS was away: they are sent when it is back, and once more when the one who waits is back,
// since two connections do not come back in one moment. Whoever no longer waits for an answer takes no notice of it.

const MOST_BYTES = 16 * 1024 * 1024;
/** A process that is not back by then is given up by the others. */
const KEPT_MS = 15_000;

type Answer = { subject: string; data: Buffer; to: string; until: number };
type Send = (subject: string, data: Buffer) => boolean;

export class OwedAnswers {
  #kept: Answer[] = [];
  #bytes = 0;

  /** Dropped when there are too many: its caller learns by its time-out, as when this process had died. */
  keep(to: string, subject: string, data: Buffer): void {
    this.forgetOld();
    if (this.#bytes + data.length > MOST_BYTES) return;
    this.#kept.push({ subject, data, to, until: Number.POSITIVE_INFINITY });
    this.#bytes += data.length;
  }

  /** To all, now that we are back; `send` is false when NATS is away again. */
  payAll(send: Send): void {
    for (const answer of this.#kept)
      if (answer.until === Number.POSITIVE_INFINITY && send(answer.subject, answer.data))
        answer.until = performance.now() + KEPT_MS;
  }

  /** To this process, which has come back later than we. */
  pay(to: string, send: Send): void {
    this.#keepOnly((answer) => answer.to !== to || !send(answer.subject, answer.data));
  }

  forgetOld(): void {
    if (this.#kept.length > 0) this.#keepOnly(({ until }) => until > performance.now());
  }

  #keepOnly(isKept: (answer: Answer) => boolean): void {
    this.#kept = this.#kept.filter(isKept);
    this.#bytes = this.#kept.reduce((sum, { data }) => sum + data.length, 0);
  }
}
