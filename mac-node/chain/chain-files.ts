// The files of a Mac's chain: JSON lines, named by their first entry, of a few megabytes each; the oldest go when there are many. What
// is left stays provable, because the server has kept the heads.
import { type FileHandle, mkdir, open, readdir, readFile, rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import { type ChainEntry, chainEntry } from "../../contracts/node-chain.ts";

const NAME = /^chain-(\d{12})\.jsonl$/;
const FULL_BYTES = 4 * 1_048_576;
/** About a hundred thousand entries. */
const MOST_FILES = 16;

type File = { first: number; handle: FileHandle; size: number };

export class ChainFiles {
  readonly #folder: string;
  readonly #fullBytes: number;
  /** First entries of the files, in order. */
  #firsts: number[] = [];
  #file: File | undefined;
  last: ChainEntry | undefined;

  /** For one who writes, or to read beside that one. */
  static async open(folder: string, fullBytes: number = FULL_BYTES): Promise<ChainFiles> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const files = new ChainFiles(folder, fullBytes);
    await files.#find();
    return files;
  }

  private constructor(folder: string, fullBytes: number) {
    this.#folder = folder;
    this.#fullBytes = fullBytes;
  }

  /** The oldest that is kept; 0 when there is none. */
  get first(): number {
    return this.#firsts[0] ?? 0;
  }

  async append(entries: ChainEntry[]): Promise<void> {
    const [first] = entries;
    if (!first) return;
    const file = await this.#open(first.seq);
    const lines = Buffer.from(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
    try {
      await file.handle.appendFile(lines);
    } catch (thrown) {
      // Half of a line must not stand before the next one.
      await file.handle.truncate(file.size).catch(() => undefined);
      throw thrown;
    }
    file.size += lines.length;
    this.last = entries.at(-1);
  }

  async read(from: number, limit: number): Promise<ChainEntry[]> {
    const start = Math.max(
      0,
      this.#firsts.findLastIndex((first) => first <= from),
    );
    const found: ChainEntry[] = [];
    for (const first of this.#firsts.slice(start)) {
      const { entries } = await this.#entriesOf(first);
      for (const entry of entries) if (entry.seq >= from && found.length < limit) found.push(entry);
      if (found.length >= limit) break;
    }
    return found;
  }

  async close(): Promise<void> {
    const { handle } = this.#file ?? {};
    this.#file = undefined;
    await handle?.datasync();
    await handle?.close();
  }

  async #find(): Promise<void> {
    const names = await readdir(this.#folder);
    this.#firsts = names
      .flatMap((name) => Number(NAME.exec(name)?.[1] ?? []) || [])
      .toSorted((a, b) => a - b);
    const newest = this.#firsts.at(-1);
    if (newest === undefined) return;
    const { entries } = await this.#entriesOf(newest);
    this.last = entries.at(-1);
  }

  /** `whole`: bytes of its lines that are ended. What is no entry is left out: who compares misses it. */
  async #entriesOf(first: number): Promise<{ entries: ChainEntry[]; whole: number }> {
    const bytes = await readFile(this.#path(first)).catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code === "ENOENT") return Buffer.alloc(0);
      throw thrown;
    });
    const whole = bytes.lastIndexOf(10) + 1;
    const lines = bytes.subarray(0, whole).toString("utf8").split("\n");
    return { entries: lines.flatMap((line) => parsed(line) ?? []), whole };
  }

  async #open(next: number): Promise<File> {
    if (this.#file && this.#file.size < this.#fullBytes) return this.#file;
    const newest = this.#firsts.at(-1);
    if (this.#file === undefined && newest !== undefined) {
      // A line that a crash tore: the journal has it.
      await truncate(this.#path(newest), (await this.#entriesOf(newest)).whole);
      const handle = await open(this.#path(newest), "a", 0o600);
      const { size } = await handle.stat();
      this.#file = { first: newest, handle, size };
      if (size < this.#fullBytes) return this.#file;
    }
    await this.close();
    this.#file = { first: next, handle: await open(this.#path(next), "a", 0o600), size: 0 };
    this.#firsts.push(next);
    for (const old of this.#firsts.splice(0, Math.max(0, this.#firsts.length - MOST_FILES)))
      await rm(this.#path(old), { force: true });
    return this.#file;
  }

  #path(first: number): string {
    return join(this.#folder, `chain-${String(first).padStart(12, "0")}.jsonl`);
  }
}

function parsed(line: string): ChainEntry | undefined {
  if (line === "") return undefined;
  try {
    return chainEntry.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
