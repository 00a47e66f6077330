// Answers that could not be sent because NATS was away: they are kept for its return, within bounds. Whoever no longer waits for one
// takes no notice of it.

const MOST_BYTES = 16 * 1024 * 1024;

export class OwedAnswers {
  #kept: { subject: string; data: Buffer }[] = [];
  #bytes = 0;

  /** Dropped when there are too many: its caller learns by its time-out, as when this process had died. */
  keep(subject: string, data: Buffer): void {
    if (this.#bytes + data.length > MOST_BYTES) return;
    this.#kept.push({ subject, data });
    this.#bytes += data.length;
  }

  /** @param send false when NATS is away again: then the rest is kept on */
  pay(send: (subject: string, data: Buffer) => boolean): void {
    const owed = this.#kept;
    this.#kept = [];
    this.#bytes = 0;
    for (const { subject, data } of owed) if (!send(subject, data)) this.keep(subject, data);
  }
}
