// What an owner writes of one run: gathered events leave as one message a flush, one at a time, and a message is sent again under
// its id until the stream has it. What has been stored lately is kept: NATS acknowledges before it syncs, and a machine that lost its
// power has less than it has acknowledged.
import type { RunId } from "../../../../contracts/ids.ts";
import type { RunEvent } from "../../../../contracts/run-events.ts";
import { AppError } from "../../../errors.ts";
import type { Pace } from "../../../events/gatherer.ts";
import { Gatherer, type PendingEvent } from "../../../events/gatherer.ts";
import { natsFailure, storeUnavailable } from "../nats-errors.ts";
import type { Acknowledgements, Answer } from "./acknowledgements.ts";
import { type Batch, KeptBatches, SYNCED_MS, takeBatch } from "./batches.ts";
import { type RecordHead, recordHeaders } from "./record.ts";
import type { RunRecords } from "./run-records.ts";

/** Where a run's records end. */
export type Position = { lastSeq: number; streamSeq: number };

type Options = {
  run: RunId;
  epoch: number;
  subject: string;
  acknowledgements: Acknowledgements;
  records: RunRecords;
  /** How long a flush waits for the stream. */
  patienceMs: number;
  /** Called when text has come while something else was on its way: it leaves with that of other runs. */
  gather(): void;
};

type Waiting = { upTo: number; until: number; resolve(): void; reject(error: AppError): void };

/** A message without an answer is sent again after this time. */
const AGAIN_MS = 2_000;

export class RunOutbox {
  readonly run: RunId;
  readonly epoch: number;
  readonly #options: Options;
  readonly #gathered = new Gatherer();
  readonly #kept = new KeptBatches();
  #pending: PendingEvent[] = [];
  /** Batches that are to be stored, in order; the first is on its way. */
  #batches: Batch[] = [];
  #sentAt: number | undefined;
  #forget: (() => void) | undefined;
  #isExamining = false;
  /** Readers wait for something of what waits. */
  #isUrgent = false;
  #appendedAt = performance.now();
  /** The stream's end of the run, as far as this owner knows. */
  #end: Position = { lastSeq: 0, streamSeq: 0 };
  #waiting: Waiting[] = [];
  #failure: AppError | undefined;
  #reason = "NATS does not answer";

  constructor(options: Options) {
    this.run = options.run;
    this.epoch = options.epoch;
    this.#options = options;
  }

  /** Where it goes on. */
  begin(end: Position): void {
    this.#end = end;
  }

  /** Number of the last event that was appended. */
  get lastSeq(): number {
    return this.#pending.at(-1)?.seq ?? this.#takenSeq;
  }

  get #takenSeq(): number {
    return this.#batches.at(-1)?.lastSeq ?? this.#end.lastSeq;
  }

  /** Whether something of it is not stored yet. */
  get isBusy(): boolean {
    return this.#pending.length > 0 || this.#batches.length > 0 || this.#waiting.length > 0;
  }

  /** Nothing was appended for so long that nothing of it can be lost any more. */
  isIdle(now: number): boolean {
    return !this.isBusy && now - this.#appendedAt > SYNCED_MS;
  }

  /** @returns how soon it must be written. @throws stale_epoch, store_unavailable when too much waits */
  append(event: RunEvent): Pace {
    this.requireOwner();
    this.#appendedAt = performance.now();
    const pace = this.#gathered.add(this.#pending, this.#takenSeq, event);
    if (pace === "full") throw storeUnavailable("the events of this run cannot be written");
    this.#isUrgent ||= pace === "now";
    return pace;
  }

  /** @throws stale_epoch */
  requireOwner(): void {
    if (this.#failure) throw this.#failure;
  }

  /** Sends what waits, unless something is on its way: then it follows. */
  write(): void {
    if (this.#failure) return;
    if (this.#batches.length === 0) {
      const batch = takeBatch(this.#pending);
      if (!batch) return;
      this.#isUrgent = this.#pending.length > 0;
      this.#batches.push(batch);
    }
    if (this.#sentAt === undefined) this.#send();
  }

  /**
   * Answers when all that was appended is stored, and whether there was something.
   * @throws store_unavailable in bounded time: what waits is tried on; stale_epoch
   */
  async flush(): Promise<boolean> {
    this.requireOwner();
    if (this.lastSeq === this.#end.lastSeq) return false;
    const [upTo, until] = [this.lastSeq, performance.now() + this.#options.patienceMs];
    const stored = new Promise<void>(
      (resolve, reject) => void this.#waiting.push({ upTo, until, resolve, reject }),
    );
    this.write();
    await stored;
    return true;
  }

  /** Called now and then: sends again what has no answer, and lets go of those who have waited too long. */
  look(now: number): void {
    if (this.#sentAt !== undefined && now - this.#sentAt > AGAIN_MS) this.again();
    else if (this.#sentAt === undefined && this.#batches.length > 0 && !this.#isExamining) this.#send();
    const late = this.#waiting.filter(({ until }) => until <= now);
    if (late.length === 0) return;
    this.#waiting = this.#waiting.filter(({ until }) => until > now);
    for (const { reject } of late) reject(storeUnavailable(this.#reason));
  }

  /** Sends again what is on its way: the connection it went over is gone, or no answer came. */
  again(): void {
    if (this.#sentAt === undefined || this.#failure) return;
    this.#forget?.();
    this.#send();
  }

  /** NATS is back, perhaps with less than it had acknowledged: that is written again, also when nothing else waits. */
  returned(): void {
    if (this.#failure) return;
    if (this.#sentAt !== undefined) this.again();
    else if (!this.#kept.isEmpty) void this.#examine();
  }

  /** Ends it: nothing more is written, and all who wait or come learn why. */
  fail(error: AppError): void {
    if (this.#failure) return;
    this.#failure = error;
    this.#pending = [];
    this.#batches = [];
    this.#forget?.();
    this.#sentAt = undefined;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  #send(): void {
    const [batch] = this.#batches;
    if (!batch) return;
    const { run, epoch, subject, acknowledgements } = this.#options;
    const head: RecordHead = { ...batch, epoch };
    this.#forget = acknowledgements.send(
      subject,
      batch.bytes,
      recordHeaders(run, head, this.#end.streamSeq),
      (answer) => this.#answered(batch, answer),
    );
    // Not sent, it is tried at the next look, as what was sent without an answer.
    this.#sentAt = this.#forget ? performance.now() : undefined;
    if (!this.#forget) this.#reason = "NATS is away";
  }

  #answered(batch: Batch, answer: Answer): void {
    if (this.#batches[0] !== batch || this.#failure) return;
    this.#sentAt = undefined;
    if (answer.type === "stored") this.#stored(answer.streamSeq);
    else if (answer.type === "moved") void this.#examine();
    // A full disk, no leader: it is tried again at the next look.
    else this.#reason = answer.reason;
  }

  #stored(streamSeq: number): void {
    const batch = this.#batches.shift();
    if (!batch) return;
    this.#end = { lastSeq: batch.lastSeq, streamSeq };
    this.#kept.add(batch);
    const done = this.#waiting.filter(({ upTo }) => upTo <= batch.lastSeq);
    if (done.length > 0) {
      this.#waiting = this.#waiting.filter(({ upTo }) => upTo > batch.lastSeq);
      for (const { resolve } of done) resolve();
    }
    // What came meanwhile has waited for this one.
    if (this.#batches.length > 0 || this.#isUrgent || this.#waiting.length > 0) this.write();
    else if (this.#pending.length > 0) this.#options.gather();
  }

  /** The run's records do not end where this owner believed: somebody else wrote, or an answer was lost, or NATS lost records. */
  async #examine(): Promise<void> {
    if (this.#isExamining) return;
    this.#isExamining = true;
    try {
      const last = await this.#options.records.last(this.run);
      this.#isExamining = false;
      if (!this.#failure) this.#judge(last);
    } catch (thrown) {
      this.#isExamining = false;
      // Looked at again with the next try.
      this.#reason = natsFailure(thrown).message;
    }
  }

  #judge(last: (RecordHead & { streamSeq: number }) | undefined): void {
    const [first] = this.#batches;
    const { lastSeq = 0, streamSeq = 0, epoch = 0 } = last ?? {};
    if (first && epoch === this.epoch && lastSeq === first.lastSeq) this.#stored(streamSeq);
    // Of a later owner; or under our epoch, or one of before, and nothing that we wrote.
    else if (epoch > this.epoch || lastSeq > this.#end.lastSeq) this.fail(new AppError("stale_epoch"));
    else {
      // Lost: what is still known of it is written again under its ids, before what waits.
      if (lastSeq < this.#end.lastSeq) this.#batches.unshift(...this.#kept.takeAfter(lastSeq));
      this.#end = { lastSeq, streamSeq };
    }
  }
}
