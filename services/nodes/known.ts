// What a process knows of something that changes elsewhere: for a few seconds, then it is read again.

const KNOWN_FOR_MS = 5_000;

export class Known<T> {
  readonly #read: () => Promise<T>;
  #value: Promise<T> | undefined;
  #readAt = 0;

  constructor(read: () => Promise<T>) {
    this.#read = read;
  }

  /** At most five seconds old, older only while it cannot be read. @throws what reading throws where nothing is known yet */
  get(): Promise<T> {
    if (this.#value && performance.now() - this.#readAt < KNOWN_FOR_MS) return this.#value;
    const former = this.#value;
    this.#readAt = performance.now();
    const value = this.#read().catch((thrown: unknown) => {
      if (former) return former;
      this.forget();
      throw thrown;
    });
    this.#value = value;
    return value;
  }

  /** It was changed here. */
  forget(): void {
    this.#value = undefined;
  }
}
