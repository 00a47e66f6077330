// What this node knows of every call it was ever sent: begun, ended how, refused to whom. It outlives the process, so that
// a call delivered twice runs once (G3). The one writer of its folder; calls/ reads and writes it.
import { type FileHandle, mkdir, open } from "node:fs/promises";
import type { ChainEntry, ChainFact } from "../../contracts/node-chain.ts";
import type { CallOutcome } from "../../contracts/tools.ts";
import { headOfEntry } from "../../lib/audit/node-chain.ts";
import type { Crash } from "../../lib/crash-points.ts";
import { AppError } from "../../lib/errors.ts";
import type { Chain } from "../chain/chain.ts";
import { apply, type CallEntry, type JournalRecord, type Place, withoutData } from "./records.ts";
import { keptSegments, parseLine, readSegment, segmentFile } from "./segments.ts";

type Waiting = {
  record: JournalRecord;
  /** What the chain says of it. */
  fact: ChainFact | undefined;
  durable: boolean;
  done: (link: ChainEntry | undefined) => void;
  failed: (error: unknown) => void;
};

/** Bytes of one day after which results are no longer kept, only that calls began and ended. */
const FULL_BYTES = 64 * 1_048_576;

export class Journal {
  readonly #folder: string;
  readonly #now: () => number;
  readonly #fullBytes: number;
  readonly #chain: Chain | undefined;
  readonly #crash: Crash;
  readonly #entries = new Map<string, CallEntry>();
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #file: { path: string; handle: FileHandle; size: number } | undefined;
  /** Lines of files that were no records when it was opened. */
  damaged = 0;

  private constructor(
    folder: string,
    now: () => number,
    fullBytes: number,
    chain: Chain | undefined,
    crash: Crash,
  ) {
    this.#folder = folder;
    this.#crash = crash;
    this.#now = now;
    this.#fullBytes = fullBytes;
    this.#chain = chain;
  }

  /**
   * Reads what is there (mode 0700, made when missing); files older than seven days are removed.
   * @param chain of a machine that keeps one: its entries are made with the lines of calls
   * @param crash for tests: dies around its writes (crash-points.ts)
   */
  static async open(
    folder: string,
    now: () => number = Date.now,
    fullBytes: number = FULL_BYTES,
    chain?: Chain,
    crash: Crash = () => undefined,
  ): Promise<Journal> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const journal = new Journal(folder, now, fullBytes, chain, crash);
    const take = (line: JournalRecord, place: Place) => {
      apply(journal.#entries, line, place);
      if ("link" in line && line.link) chain?.recover(line.link);
    };
    for (const file of await keptSegments(folder, now())) journal.damaged += await readSegment(file, take);
    await chain?.copy([]);
    return journal;
  }

  entry(callId: string): Readonly<CallEntry> | undefined {
    return this.#entries.get(callId);
  }

  /** Calls that began and whose end is not known, with the processes they had. */
  unfinished(): { callId: string; entry: Readonly<CallEntry> }[] {
    return [...this.#entries]
      .filter(([, entry]) => entry.attempt > 0 && entry.outcome === undefined)
      .map(([callId, entry]) => ({ callId, entry }));
  }

  /**
   * Writes a line. Lines that wait together are written and synced together.
   * @param durable resolves only when it is on the disk; else once the system has it
   * @param fact what the chain says of it, on a machine that keeps one; what others are told of it is on the disk before
   * @returns the entry of the chain
   * @throws store_unavailable when the disk refuses
   */
  append(record: JournalRecord, durable: boolean, fact?: ChainFact): Promise<ChainEntry | undefined> {
    // A refusal holds from now on, also against a call that comes while it is being written.
    if (record.kind === "fenced") apply(this.#entries, record, { file: "", offset: 0, bytes: 0 });
    return new Promise((resolve, reject) => {
      const told = this.#chain ? fact : undefined;
      const isSynced = durable || told?.kind === "ended";
      this.#waiting.push({ record, fact: told, durable: isSynced, done: resolve, failed: reject });
      this.#writing ??= this.#write();
    });
  }

  /** The stored outcome of a call that has ended. */
  async outcome(callId: string): Promise<CallOutcome | undefined> {
    const place = this.#entries.get(callId)?.outcome;
    if (!place) return undefined;
    const handle = await open(place.file, "r");
    try {
      const line = Buffer.alloc(place.bytes);
      await handle.read(line, 0, place.bytes, place.offset);
      const record = parseLine(line);
      if (record?.kind !== "ended") return undefined;
      const { outcome, link } = record;
      return link ? { ...outcome, node_head: headOfEntry(link) } : outcome;
    } finally {
      await handle.close();
    }
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#file?.handle.close();
    this.#file = undefined;
    await this.#chain?.close();
  }

  async #write(): Promise<void> {
    // Lets everything that is about to be appended in this turn of the event loop come along.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        const links = await this.#writeBatch(batch);
        for (const [index, { done }] of batch.entries()) done(links[index]);
      } catch (thrown) {
        const error = new AppError("store_unavailable", "The node's journal cannot be written.", {}, thrown);
        for (const { failed } of batch) failed(error);
      }
    }
    this.#writing = undefined;
  }

  /** @returns the chain's entry of each */
  async #writeBatch(batch: Waiting[]): Promise<(ChainEntry | undefined)[]> {
    const file = await this.#today();
    const kinds = new Set(batch.map(({ record }) => record.kind));
    for (const kind of kinds) await this.#crash(`${kind}.before`);
    const before = this.#chain?.head;
    const links = batch.map(({ fact }) => fact && this.#chain?.link(fact));
    const lines = batch.map(({ record }, index) => {
      const kept = file.size > this.#fullBytes ? withoutData(record) : record;
      const link = links[index];
      return Buffer.from(`${JSON.stringify(link ? { ...kept, link } : kept)}\n`);
    });
    try {
      await file.handle.appendFile(Buffer.concat(lines));
      if (batch.some(({ durable }) => durable)) await file.handle.datasync();
    } catch (thrown) {
      if (before) this.#chain?.backTo(before);
      await this.#giveUp(file);
      throw thrown;
    }
    for (const kind of kinds) await this.#crash(`${kind}.written`);
    for (const [index, { record }] of batch.entries()) {
      const bytes = lines[index]?.length ?? 0;
      apply(this.#entries, record, { file: file.path, offset: file.size, bytes: bytes - 1 });
      file.size += bytes;
    }
    await this.#chain?.copy(links.filter((link) => link !== undefined)).catch(() => {
      // They stand in the journal: they are copied with the next ones, or at the next start.
    });
    for (const kind of kinds) await this.#crash(`${kind}.copied`);
    return links;
  }

  /** After a write that failed: half a line must not stand before the next one, and what the file holds is asked again. */
  async #giveUp({ handle, size }: { handle: FileHandle; size: number }): Promise<void> {
    this.#file = undefined;
    try {
      await handle.truncate(size);
    } finally {
      await handle.close();
    }
  }

  async #today(): Promise<{ path: string; handle: FileHandle; size: number }> {
    const path = segmentFile(this.#folder, this.#now());
    if (this.#file?.path === path) return this.#file;
    const handle = await open(path, "a", 0o600);
    const { size } = await handle.stat();
    const before = this.#file;
    this.#file = { path, handle, size };
    await this.#syncFolder();
    if (before) {
      await before.handle.close();
      await this.#forget();
    }
    return this.#file;
  }

  /** A new day has begun: what is older than all the days that are kept goes, from the disk and from memory. */
  async #forget(): Promise<void> {
    const kept = new Set(await keptSegments(this.#folder, this.#now()));
    for (const [callId, entry] of this.#entries) if (!kept.has(entry.file)) this.#entries.delete(callId);
  }

  /** A new file is only there after a crash when its folder was synced too. */
  async #syncFolder(): Promise<void> {
    const folder = await open(this.#folder, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }
}
