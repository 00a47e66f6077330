// The run-events port in one process: an append-only log in segment files. Events of all runs that wait are written with one
// system call, and a reader sees them only after that: they survive the death of the process.
import type { RunId } from "../../../contracts/ids.ts";
import type { RunEvent } from "../../../contracts/run-events.ts";
import { AppError, toError } from "../../errors.ts";
import { FlushTimer } from "../../events/gatherer.ts";
import { frameOf } from "../../events/sse-frames.ts";
import type { Frames, Reader, RunEvents, RunWriter, Subscription } from "../../ports/events.ts";
import { checksumOf, headerLine, type RecordHeader, type RunInSegment } from "./records.ts";
import { eventsOf, isReadable, RunLog, replayRun, writerOf } from "./run-log.ts";
import { type Segment, SegmentFiles } from "./segments.ts";

/** How long a run's events are kept after its end. */
export const KEPT_MS = 3_600_000;
const EXPIRY_EVERY_MS = 60_000;
/** What the disk took so short a time ago shows that it has room. */
const FRESH_MS = 100;

type Encoded = { run: RunLog; header: RecordHeader; line: string; frames: string };

export class EventLog implements RunEvents {
  readonly #files: SegmentFiles;
  readonly #now: () => number;
  readonly #runs = new Map<RunId, RunLog>();
  readonly #dirty = new Set<RunLog>();
  readonly #timer: FlushTimer;
  readonly #expiry: NodeJS.Timeout;
  /** When damage was found, epoch milliseconds: for as long as events are kept, one that is missing may have been there. */
  readonly #damagedAt: number | undefined;

  /**
   * @param onDamage is told in words what of earlier processes cannot be read any more
   * @throws Error in words when the folder or a file in it cannot be used
   */
  constructor(folder: string, now: () => number, onDamage: (words: string) => void = () => undefined) {
    this.#now = now;
    this.#files = new SegmentFiles(folder);
    const damaged = this.#files.openAll((segment, id, found) => this.#takeOver(segment, id, found));
    this.#damagedAt = damaged.length > 0 ? now() : undefined;
    for (const words of damaged) onDamage(words);
    this.expire();
    this.#timer = new FlushTimer(() => this.#tryWrite());
    this.#expiry = setInterval(() => this.expire(), EXPIRY_EVERY_MS).unref();
  }

  async open(id: RunId, epoch: number): Promise<RunWriter> {
    const run = this.#runOf(id);
    if (epoch < run.epoch) throw new AppError("stale_epoch");
    // What a former owner could not write was seen by nobody; the numbers go on behind what is durable.
    if (epoch > run.epoch) run.pending = [];
    run.epoch = epoch;
    return writerOf(run, epoch, {
      schedule: (written, pace) => {
        this.#dirty.add(written);
        this.#timer.schedule(pace);
      },
      flush: async () => this.#write(),
      ended: () => this.#write(),
    });
  }

  async state(id: RunId): Promise<{ lastSeq: number; done: boolean; expired: boolean; damaged?: boolean }> {
    const run = this.#runs.get(id);
    const damaged = (run ? this.#isDamaged(run) : this.#hasLost) ? { damaged: true } : {};
    if (!run) return { lastSeq: 0, done: false, expired: false, ...damaged };
    return {
      lastSeq: run.lastSeq,
      done: run.doneAt !== undefined,
      expired: this.#isExpired(run),
      ...damaged,
    };
  }

  async *replay(id: RunId, after: number): AsyncIterable<Frames> {
    const run = this.#runs.get(id);
    if (run) yield* replayRun(run, after);
  }

  subscribe(id: RunId, reader: Reader): Subscription {
    const run = this.#runOf(id);
    run.readers.add(reader);
    return { close: () => void run.readers.delete(reader) };
  }

  async readAll(id: RunId): Promise<{ seq: number; epoch: number; event: RunEvent }[]> {
    const run = this.#runs.get(id);
    return run ? eventsOf(run) : [];
  }

  async ready(): Promise<void> {
    if (this.#files.isFailing) this.#write();
    // Nothing that needs events begins on a disk that has no room for them, nor is told so when it has begun.
    this.#files.probe(FRESH_MS);
  }

  async unended(): Promise<RunId[]> {
    return [...this.#runs.values()].filter((run) => run.lastSeq > 0 && !run.doneAt).map(({ id }) => id);
  }

  /** Why nothing can be written now; undefined when all is well. */
  problem(): string | undefined {
    try {
      this.#files.probe();
      return undefined;
    } catch (thrown) {
      return toError(thrown).message;
    }
  }

  /** Forgets runs that ended over an hour ago and removes segments that have nothing else. */
  expire(): void {
    for (const [id, run] of this.#runs) {
      if (!this.#isExpired(run) || run.readers.size > 0) continue;
      this.#runs.delete(id);
      for (const segment of run.segments) segment.forget(id);
    }
    this.#files.keepOnly(new Set([...this.#runs.values()].flatMap((run) => run.segments)));
  }

  close(): void {
    clearInterval(this.#expiry);
    this.#timer.stop();
    try {
      this.#write();
    } finally {
      this.#files.close();
    }
  }

  #runOf(id: RunId): RunLog {
    const known = this.#runs.get(id);
    if (known) return known;
    const run = new RunLog(id);
    this.#runs.set(id, run);
    return run;
  }

  /** Whether a run that is not known may have had events that were damaged. */
  get #hasLost(): boolean {
    return this.#damagedAt !== undefined && this.#now() - this.#damagedAt < KEPT_MS;
  }

  /** Looked at once, and only where an earlier process has written: what this one has written was there a moment ago. */
  #isDamaged(run: RunLog): boolean {
    if (run.isTakenOver) run.isDamaged ??= !isReadable(run);
    return run.isDamaged ?? false;
  }

  #isExpired(run: RunLog): boolean {
    return run.doneAt !== undefined && this.#now() - run.doneAt > KEPT_MS;
  }

  #tryWrite(): void {
    try {
      this.#write();
    } catch {
      // Readers wait; the owner learns it from its next flush. What waits is tried again.
      this.#timer.retry();
    }
  }

  /** Writes what waits of all runs and tells their readers. @throws store_unavailable; then nothing of it was written */
  #write(): void {
    if (this.#dirty.size === 0) return;
    const records = [...this.#dirty].filter((run) => run.pending.length > 0).map((run) => this.#encode(run));
    if (records.length === 0) {
      this.#dirty.clear();
      return;
    }
    const bytes = Buffer.allocUnsafe(
      records.reduce((sum, { line, header }) => sum + line.length + header.length, 0),
    );
    let at = 0;
    for (const { line, frames } of records) {
      at += bytes.write(line, at, "latin1");
      at += bytes.write(frames, at);
    }
    const { segment, begin } = this.#files.write(bytes);
    this.#dirty.clear();
    this.#tell(records, segment, bytes, begin);
  }

  #encode(run: RunLog): Encoded {
    const { pending } = run;
    const frames = pending.map(({ seq, event }) => frameOf(seq, event)).join("");
    const last = pending.at(-1);
    const header = {
      run: run.id,
      epoch: run.epoch,
      firstSeq: pending[0]?.seq ?? 0,
      lastSeq: last?.seq ?? 0,
      length: Buffer.byteLength(frames),
      writtenAt: this.#now(),
      done: last?.event.event === "done",
      checksum: checksumOf(frames),
    };
    return { run, header, line: headerLine(header), frames };
  }

  #tell(records: Encoded[], segment: Segment, bytes: Buffer, begin: number): void {
    let at = 0;
    for (const { run, header, line } of records) {
      at += line.length;
      segment.note(header, begin + at);
      if (run.segments.at(-1) !== segment) run.segments.push(segment);
      run.pending = [];
      run.lastSeq = header.lastSeq;
      if (header.done) run.doneAt = header.writtenAt;
      const frames = {
        bytes: bytes.subarray(at, at + header.length),
        firstSeq: header.firstSeq,
        lastSeq: header.lastSeq,
        done: header.done,
      };
      at += header.length;
      for (const reader of run.readers) reader.onFrames(frames);
    }
  }

  /** What an earlier process wrote of a run. */
  #takeOver(segment: Segment, id: RunId, { extents, doneAt }: RunInSegment): void {
    const run = this.#runOf(id);
    const last = extents.last();
    run.epoch = Math.max(run.epoch, last?.epoch ?? 0);
    run.lastSeq = Math.max(run.lastSeq, last?.lastSeq ?? 0);
    run.doneAt ??= doneAt;
    run.segments.push(segment);
    run.isTakenOver = true;
  }
}
