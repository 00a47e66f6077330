// The record of a Mac's calls: a chain of hashes, each entry signed (contracts/node-chain.ts). An entry is made when the journal writes
// the line of its call, and stands in that line: so both are on the disk, or none. The chain's own files are copies of them that are
// kept for longer; what they lack after a crash is taken from the journal.
import type { ChainEntry, ChainFact, ChainPart } from "../../contracts/node-chain.ts";
import { NO_HASH } from "../../lib/audit/chain.ts";
import { hashOfEntry, isSignedHead, signedHead } from "../../lib/audit/node-chain.ts";
import { ChainFiles } from "./chain-files.ts";

type Head = Pick<ChainEntry, "seq" | "hash">;
type Signs = { nodeId: string; publicKey: string; sign(text: string): string };

export class Chain {
  readonly #files: ChainFiles;
  readonly #signs: Signs;
  readonly #now: () => number;
  #head: Head;
  /** Those that stand in the journal and not yet in the files. */
  #uncopied: ChainEntry[] = [];

  /** Reads where it ends; made when missing (mode 0700). */
  static async open(folder: string, signs: Signs, now: () => number = Date.now): Promise<Chain> {
    const files = await ChainFiles.open(folder);
    return new Chain(files, signs, now);
  }

  private constructor(files: ChainFiles, signs: Signs, now: () => number) {
    this.#files = files;
    this.#signs = signs;
    this.#now = now;
    this.#head = files.last ?? { seq: 0, hash: NO_HASH };
  }

  get head(): Head {
    return this.#head;
  }

  /** The next entry. It counts from now on, unless `backTo` takes it back. */
  link(fact: ChainFact): ChainEntry {
    const unsealed = { ...fact, seq: this.#head.seq + 1, previous: this.#head.hash, at: this.#now() };
    const hash = hashOfEntry(unsealed);
    const signature = this.#signs.sign(signedHead(this.#signs.nodeId, { ...unsealed, hash }));
    const entry: ChainEntry = { ...unsealed, hash, signature };
    this.#head = { seq: entry.seq, hash };
    return entry;
  }

  /** The disk did not take what was linked since. */
  backTo(head: Head): void {
    this.#head = head;
  }

  /** An entry as the journal has it, in order: the files may lack the newest. The journal may be older than the pairing. */
  recover(entry: ChainEntry): void {
    if (entry.seq <= this.#head.seq || !isSignedHead(this.#signs.publicKey, this.#signs.nodeId, entry))
      return;
    this.#head = { seq: entry.seq, hash: entry.hash };
    this.#uncopied.push(entry);
  }

  /** They are on the disk; answers when they are in the files too. @throws what the disk says: they are copied with the next ones */
  async copy(entries: ChainEntry[]): Promise<void> {
    this.#uncopied.push(...entries);
    if (this.#uncopied.length === 0) return;
    await this.#files.append(this.#uncopied);
    this.#uncopied = [];
  }

  /** Entries from this one on, as far as they are kept. */
  async read(from: number, limit: number): Promise<ChainPart> {
    const entries = await this.#files.read(from, limit);
    return { first: this.#files.first, last: this.#files.last?.seq ?? 0, entries };
  }

  close(): Promise<void> {
    return this.#files.close();
  }
}
