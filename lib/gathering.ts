// What several ask of a store at once goes in one statement: what comes in the same breath, and what comes while one is under way.
import { isType } from "./errors.ts";

type Waiting<Item, Answer> = {
  item: Item;
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
};

const AT_ONCE = 100;

/** One statement at a time, in the order of the calls. */
export class Gathering<Item, Answer = void> {
  readonly #write: (items: Item[]) => Promise<Answer>;
  #waiting: Waiting<Item, Answer>[] = [];
  #isWriting = false;

  /** @param write all of them or none; at most 100 */
  constructor(write: (items: Item[]) => Promise<Answer>) {
    this.#write = write;
  }

  /** @returns what the write answered that had it among others */
  add(item: Item): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.#waiting.push({ item, resolve, reject });
    if (!this.#isWriting) void this.#writeAll();
    return promise;
  }

  /** Never throws. */
  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    // What the same moment adds comes along.
    await Promise.resolve();
    while (this.#waiting.length > 0) await this.#writeSome(this.#waiting.splice(0, AT_ONCE));
    this.#isWriting = false;
  }

  async #writeSome(some: Waiting<Item, Answer>[]): Promise<void> {
    try {
      const answer = await this.#write(some.map(({ item }) => item));
      for (const { resolve } of some) resolve(answer);
    } catch (error) {
      // One that cannot be written at all keeps no other from it.
      if (some.length > 1 && !isType(error, "store_unavailable"))
        for (const one of some) await this.#writeSome([one]);
      else for (const { reject } of some) reject(error);
    }
  }
}
