// Looks again and again for something that another process does, and not for ever.

const EVERY_MS = 200;

export class Patience {
  readonly #until: number;

  constructor(ms: number) {
    this.#until = performance.now() + ms;
  }

  /** Until the next look. @throws Error with these words when it has taken too long */
  async wait(tooLong: string): Promise<void> {
    if (performance.now() > this.#until) throw new Error(tooLong);
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}
