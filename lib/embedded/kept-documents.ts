// Documents of a collection that are in use, parsed. What is kept is the newest; a read that sees what is durable passes those
// by that were written since.
import { LRUCache } from "lru-cache";
import type { Store } from "./store.ts";

/** Bounds of what is kept, in documents and in characters of their JSON. */
const KEPT_DOCUMENTS = 2_000;
const KEPT_LENGTH = 8 * 1024 * 1024;

export class KeptDocuments<T extends object> {
  readonly #store: Store;
  readonly #documents = new LRUCache<string, T>({ max: KEPT_DOCUMENTS, maxSize: KEPT_LENGTH });
  /** The group in which each was written last, as long as it may not be durable. */
  readonly #written = new Map<string, number>();
  #nextLook = KEPT_DOCUMENTS;

  constructor(store: Store) {
    this.#store = store;
    // What was written is not there after all.
    store.whenLost(() => {
      this.#documents.clear();
      this.#written.clear();
    });
  }

  get(id: string): T | undefined {
    return this.#isPassedBy(id) ? undefined : this.#documents.get(id);
  }

  /** @param length of its JSON */
  set(id: string, document: T, length: number): void {
    if (this.#store.isReadingDurable) {
      if (!this.#isPassedBy(id)) this.#documents.set(id, document, { size: length });
      return;
    }
    this.#note(id);
    this.#documents.set(id, document, { size: length });
  }

  delete(id: string): void {
    this.#note(id);
    this.#documents.delete(id);
  }

  #isPassedBy(id: string): boolean {
    return this.#store.isReadingDurable && (this.#written.get(id) ?? 0) > this.#store.groups.durable;
  }

  #note(id: string): void {
    const { last, durable } = this.#store.groups;
    if (last > durable) this.#written.set(id, last);
    if (this.#written.size < this.#nextLook) return;
    for (const [written, group] of this.#written) if (group <= durable) this.#written.delete(written);
    this.#nextLook = Math.max(KEPT_DOCUMENTS, this.#written.size * 2);
  }
}
