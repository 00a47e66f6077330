// The way to folders below a held one, made where they are missing and held while the next entry goes there too.
import { mkdir } from "node:fs/promises";
import type { HeldDirectory } from "../workspace/held-directory.ts";
import { madeAnew } from "../workspace/reserve-name.ts";

/** Close it; the top is left open. */
export class FolderWay implements AsyncDisposable {
  readonly #top: HeldDirectory;
  #held: { name: string; directory: HeldDirectory }[] = [];

  constructor(top: HeldDirectory) {
    this.#top = top;
  }

  /** Held until the next call. @throws a system error when one is a link, or no folder */
  async to(names: string[]): Promise<HeldDirectory> {
    const differs = this.#held.findIndex(({ name }, at) => name !== names[at]);
    await this.#closeFrom(differs === -1 ? names.length : differs);
    for (const name of names.slice(this.#held.length)) {
      const parent = this.#held.at(-1)?.directory ?? this.#top;
      await madeAnew(() => mkdir(parent.entry(name)));
      this.#held.push({ name, directory: await parent.child(name) });
    }
    return this.#held.at(-1)?.directory ?? this.#top;
  }

  async #closeFrom(depth: number): Promise<void> {
    for (const { directory } of this.#held.splice(depth).reverse()) await directory[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#closeFrom(0);
  }
}
