// What Node 22 does not have of the language and our code uses: the program of a Mac also runs there. Imported before all else.

Error.isError ??= (value: unknown): value is Error => value instanceof Error;

/** ECMA-262, AsyncDisposableStack: what of it our tools use. */
class DisposedLater {
  readonly #ends: (() => unknown)[] = [];

  use<T extends AsyncDisposable | Disposable | null | undefined>(value: T): T {
    if (value === null || value === undefined) return value;
    this.defer(() => (Symbol.asyncDispose in value ? value[Symbol.asyncDispose]() : value[Symbol.dispose]()));
    return value;
  }

  defer(end: () => unknown): void {
    this.#ends.push(end);
  }

  /** All of them in turn, the last first; the first error that there is comes after all are done. */
  async [Symbol.asyncDispose](): Promise<void> {
    const errors: unknown[] = [];
    for (let end = this.#ends.pop(); end; end = this.#ends.pop()) {
      try {
        await end();
      } catch (thrown) {
        errors.push(thrown);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}

globalThis.AsyncDisposableStack ??= DisposedLater as unknown as typeof AsyncDisposableStack;
