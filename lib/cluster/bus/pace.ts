// Large packets to one process go one after the other, the next when that process has taken the last: nats-server cuts off whoever is
// more than 64 MB behind, and what it was being answered is lost then.

export class Pace {
  /** Until when the last large packet to each process is on its way. */
  readonly #last = new Map<string, Promise<unknown>>();
  readonly #taken: (target: string) => Promise<unknown>;

  /** @param taken answers, in bounded time, when the process has taken what was sent to it before */
  constructor(taken: (target: string) => Promise<unknown>) {
    this.#taken = taken;
  }

  /** @param send whether it was sent */
  next(target: string, send: () => Promise<boolean>): Promise<boolean> {
    const sent = Promise.resolve(this.#last.get(target)).then(send);
    const done = sent
      .then((isSent) => isSent && this.#taken(target))
      .catch(() => undefined)
      .finally(() => {
        if (this.#last.get(target) === done) this.#last.delete(target);
      });
    this.#last.set(target, done);
    return sent;
  }
}
