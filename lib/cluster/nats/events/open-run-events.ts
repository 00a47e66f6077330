// The run-events port on JetStream: one message a flush, which the stream stores, numbers and passes on to the readers. A reader
// sees only what is stored, and only what the run's owner wrote (docs/decisions/2026-11-29-run-events-on-jetstream.md).
import { headers } from "nats";
import type { RunId } from "../../../../contracts/ids.ts";
import type { RunEvent } from "../../../../contracts/run-events.ts";
import { AppError } from "../../../errors.ts";
import { FlushTimer, type Pace } from "../../../events/gatherer.ts";
import { parseFrames } from "../../../events/sse-frames.ts";
import type { Frames, Reader, RunEvents, RunWriter, Subscription } from "../../../ports/events.ts";
import { within } from "../../within.ts";
import { storeUnavailable } from "../nats-errors.ts";
import type { Nats } from "../open-nats.ts";
import { Acknowledgements } from "./acknowledgements.ts";
import { fittingEvents } from "./batches.ts";
import { expireRuns, KEPT_MS } from "./expire-runs.ts";
import { LiveRuns } from "./live-runs.ts";
import { recordHeaders } from "./record.ts";
import { piecesOf } from "./replay.ts";
import { type Position, RunOutbox } from "./run-outbox.ts";
import { RunRecords } from "./run-records.ts";
import { RunStream, type StreamOptions } from "./run-stream.ts";

export type RunEventsOptions = StreamOptions & {
  /** How long a flush waits for NATS before it throws; shorter than the time after which an owner gives its runs up. */
  patienceMs?: number;
  /** Epoch milliseconds; the clock of the machine unless given. */
  clock?: () => number;
  /** Told in words when the stream could not be brought back after NATS was away. */
  tell?: (words: string) => void;
};

const LOOK_MS = 250;
const EXPIRY_EVERY_MS = 600_000;
/** What the stream took so short a time ago shows that it takes more. */
const FRESH_MS = 1_000;
const ASK_MS = 3_000;
/** A former owner that still writes is in the way of who follows for a few messages only: it gathers, this does not. */
const TAKE_MS = 5_000;
const MOST_TRIES = 10;
const CLOSE_MS = 3_000;

/** @throws Error in words for a person when the stream cannot be made */
export async function openRunEvents(nats: Nats, options: RunEventsOptions = {}): Promise<JetStreamEvents> {
  return new JetStreamEvents(nats, await RunStream.open(nats, options), options);
}

type Owned = {
  outbox: RunOutbox;
  opened: Promise<void>;
  /** Its writer was closed: it stays until all is stored. */
  isClosing: boolean;
};

export class JetStreamEvents implements RunEvents {
  readonly #nats: Nats;
  readonly #stream: RunStream;
  readonly #options: RunEventsOptions;
  readonly #records: RunRecords;
  readonly #live: LiveRuns;
  readonly #acknowledgements: Acknowledgements;
  /** Of the runs that this process owns, until their writer is closed. */
  readonly #outboxes = new Map<RunId, Owned>();
  readonly #dirty = new Set<RunOutbox>();
  readonly #timer = new FlushTimer(() => this.#write());
  readonly #looking: NodeJS.Timeout;
  readonly #expiry: NodeJS.Timeout;
  readonly #quiet: () => void;
  #probe: Promise<void> | undefined;
  #provedAt = Number.NEGATIVE_INFINITY;
  #closed: Promise<void> | undefined;

  constructor(nats: Nats, stream: RunStream, options: RunEventsOptions) {
    this.#nats = nats;
    this.#stream = stream;
    this.#options = options;
    this.#records = new RunRecords(nats, stream);
    this.#live = new LiveRuns(nats, stream, this.#records);
    this.#acknowledgements = new Acknowledgements(nats);
    this.#quiet = nats.onReturn(() => void this.#returned());
    this.#looking = setInterval(() => this.#look(), LOOK_MS).unref();
    // Who only reads leaves it to those who write.
    const isWriter = options.isWriter ?? true;
    this.#expiry = setInterval(
      () => isWriter && void this.expire(),
      EXPIRY_EVERY_MS * (0.5 + Math.random()),
    ).unref();
  }

  async open(run: RunId, epoch: number, { isNew = false }: { isNew?: boolean } = {}): Promise<RunWriter> {
    const former = this.#outboxes.get(run);
    if (former && former.outbox.epoch > epoch) throw new AppError("stale_epoch");
    if (former?.outbox.epoch === epoch) {
      former.outbox.requireOwner();
      await former.opened;
      former.isClosing = false;
      return this.#writerOf(former);
    }
    // What a former owner could not write was seen by nobody.
    former?.outbox.fail(new AppError("stale_epoch"));
    const outbox: RunOutbox = new RunOutbox({
      gather: () => this.#gather(outbox, "soon"),
      run,
      epoch,
      subject: this.#stream.subjectOf(run),
      acknowledgements: this.#acknowledgements,
      records: this.#records,
      patienceMs: this.#options.patienceMs ?? 10_000,
    });
    const end = isNew && epoch <= FIRST_EPOCH ? Promise.resolve(NOTHING) : this.#take(run, epoch);
    const opened = end.then((position) => outbox.begin(position));
    const owned = { outbox, opened, isClosing: false };
    this.#outboxes.set(run, owned);
    await opened.catch((thrown: unknown) => {
      this.#forget(owned);
      throw thrown;
    });
    return this.#writerOf(owned);
  }

  async ready(): Promise<void> {
    if (!this.#nats.isThere) throw storeUnavailable("NATS is away");
    if (performance.now() - this.#provedAt < FRESH_MS) return;
    this.#probe ??= this.#tryWriting().finally(() => {
      this.#probe = undefined;
    });
    await this.#probe;
  }

  async unended(): Promise<RunId[]> {
    const found: RunId[] = [];
    for await (const heads of this.#records.heads())
      for (const { run, lastSeq, done } of heads) if (lastSeq > 0 && !done) found.push(run);
    return found;
  }

  onReturn(listener: () => void): () => void {
    return this.#nats.onReturn(listener);
  }

  async state(run: RunId): ReturnType<RunEvents["state"]> {
    const last = await this.#records.last(run);
    if (!last) return { lastSeq: 0, done: false, expired: false, mayBeBehind: true };
    const { lastSeq, done, storedAt, epoch } = last;
    // What the first owner has written to its end was never shortened: nobody was told more.
    const behind = !done || epoch > FIRST_EPOCH ? { mayBeBehind: true } : {};
    return { lastSeq, done, expired: done && this.#now() - storedAt > KEPT_MS, ...behind };
  }

  async *replay(run: RunId, after: number): AsyncIterable<Frames> {
    yield* piecesOf(this.#live.witness(run, this.#records.all(run)), after);
  }

  subscribe(run: RunId, reader: Reader): Subscription {
    return this.#live.subscribe(run, reader);
  }

  async readAll(run: RunId): Promise<{ seq: number; epoch: number; event: RunEvent }[]> {
    const last = await this.#records.last(run);
    // A follower that answers may not have the newest yet: what recovery does not see it would tell twice.
    for (let tries = 1; ; tries += 1) {
      const events: { seq: number; epoch: number; event: RunEvent }[] = [];
      for await (const records of this.#records.all(run))
        for (const { bytes, epoch } of records)
          events.push(...parseFrames(bytes).map((event) => ({ ...event, epoch })));
      if ((events.at(-1)?.seq ?? 0) >= (last?.lastSeq ?? 0)) return events;
      if (tries === MOST_TRIES) throw storeUnavailable("NATS does not have all events of the run at hand");
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  /** Removes the events of runs that ended over an hour ago; several processes may at once. */
  async expire(): Promise<void> {
    await expireRuns(this.#records, this.#stream, this.#now()).catch((thrown: Error) =>
      this.#options.tell?.(`events of ended runs were not removed, which is tried again: ${thrown.message}`),
    );
  }

  /** Writes what waits, for a bounded time. Safe to repeat. */
  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    this.#timer.stop();
    const flushes = [...this.#outboxes.values()].map(({ outbox }) => outbox.flush());
    await within(CLOSE_MS, Promise.allSettled(flushes), undefined);
    clearInterval(this.#looking);
    clearInterval(this.#expiry);
    this.#quiet();
    for (const { outbox } of this.#outboxes.values()) outbox.fail(storeUnavailable("it is shutting down"));
    this.#outboxes.clear();
    this.#acknowledgements.close();
    this.#live.close();
  }

  /**
   * Makes the epoch the run's own: a fence behind the former owner's last record, so that nothing of it is stored any more.
   * A run that nobody has written of needs none from its first owner.
   */
  async #take(run: RunId, epoch: number): Promise<Position> {
    const until = performance.now() + TAKE_MS;
    while (performance.now() < until) {
      const last = await this.#records.last(run);
      const { lastSeq = 0, streamSeq = 0, done = false } = last ?? {};
      if (last && last.epoch > epoch) throw new AppError("stale_epoch");
      if (last ? last.epoch === epoch : epoch <= FIRST_EPOCH) return { lastSeq, streamSeq };
      const head = { epoch, firstSeq: lastSeq + 1, lastSeq, done };
      const answer = await this.#acknowledgements.ask(
        this.#stream.subjectOf(run),
        Buffer.alloc(0),
        recordHeaders(run, head, streamSeq),
        ASK_MS,
      );
      if (!answer) throw storeUnavailable("NATS does not answer");
      if (answer.type === "refused") throw storeUnavailable(answer.reason);
      if (answer.type === "stored") return { lastSeq, streamSeq: answer.streamSeq };
      // The former owner was still writing: behind that, then.
    }
    throw storeUnavailable("another process writes the events of this run");
  }

  #writerOf(owned: Owned): RunWriter {
    const { outbox } = owned;
    return {
      get lastSeq() {
        return outbox.lastSeq;
      },
      append: (event) => {
        outbox.requireOwner();
        // One that was idle for long may have been forgotten.
        this.#outboxes.set(outbox.run, owned);
        for (const part of fittingEvents(event, this.#nats.maxPayload)) {
          this.#gather(outbox, outbox.append({ ...part }));
        }
      },
      flush: async () => {
        if (await outbox.flush()) this.#provedAt = performance.now();
      },
      close: () => {
        outbox.write();
        owned.isClosing = true;
        if (!outbox.isBusy) this.#forget(owned);
      },
    };
  }

  #forget(owned: Owned): void {
    const { run } = owned.outbox;
    if (this.#outboxes.get(run) === owned) this.#outboxes.delete(run);
  }

  #gather(outbox: RunOutbox, pace: Pace): void {
    this.#dirty.add(outbox);
    this.#timer.schedule(pace);
  }

  #write(): void {
    for (const outbox of this.#dirty) outbox.write();
    this.#dirty.clear();
  }

  #look(): void {
    const now = performance.now();
    for (const owned of this.#outboxes.values()) {
      const { outbox, isClosing } = owned;
      outbox.look(now);
      if (isClosing ? !outbox.isBusy : outbox.isIdle(now)) this.#forget(owned);
    }
    this.#live.look(now);
  }

  /** NATS is back, perhaps another one than before: the stream is made again where it is gone. */
  async #returned(): Promise<void> {
    this.#live.askAll();
    for (const { outbox } of this.#outboxes.values()) outbox.returned();
    await this.#stream
      .make()
      .catch((thrown: Error) => this.#options.tell?.(`the stream of events is not well: ${thrown.message}`));
  }

  /** A message that replaces the one before it: only a write shows that there is a leader, and room. */
  async #tryWriting(): Promise<void> {
    const rollup = headers();
    rollup.set("Nats-Rollup", "sub");
    const answer = await this.#acknowledgements.ask(
      this.#stream.probeSubject,
      Buffer.alloc(0),
      rollup,
      ASK_MS,
    );
    if (answer?.type !== "stored")
      throw storeUnavailable(answer?.type === "refused" ? answer.reason : "NATS does not answer");
    this.#provedAt = performance.now();
  }

  #now(): number {
    return (this.#options.clock ?? Date.now)();
  }
}

/** Epochs count from 1. */
const FIRST_EPOCH = 1;
const NOTHING: Position = { lastSeq: 0, streamSeq: 0 };
