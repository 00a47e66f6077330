// The runs that somebody reads live. What the stream has stored comes over NATS, where a message can be lost: a run of which nothing
// was heard for a while is looked at in the stream itself, since a lost last message has no successor that would show the gap.
import type { Msg, Subscription as NatsSubscription } from "nats";
import type { RunId } from "../../../../contracts/ids.ts";
import { framesAfter } from "../../../events/sse-frames.ts";
import type { Reader, Subscription } from "../../../ports/events.ts";
import { reportDefect } from "../../../report-defect.ts";
import type { Nats } from "../open-nats.ts";
import { bufferOf, headOf, type RecordHead, type StoredRecord } from "./record.ts";
import type { RunRecords } from "./run-records.ts";
import type { RunStream } from "./run-stream.ts";

/** Without a word for so long, the stream is asked; while nothing is new, half as often each time, down to `SELDOM_MS`. */
const SILENCE_MS = 2_000;
const SELDOM_MS = 10_000;

export class LiveRuns {
  readonly #nats: Nats;
  readonly #stream: RunStream;
  readonly #records: RunRecords;
  readonly #runs = new Map<RunId, LiveRun>();

  constructor(nats: Nats, stream: RunStream, records: RunRecords) {
    this.#nats = nats;
    this.#stream = stream;
    this.#records = records;
  }

  subscribe(id: RunId, reader: Reader): Subscription {
    const run = this.#runs.get(id) ?? this.#listen(id);
    // Its own, so that the same reader can be there twice.
    const mine: Reader = {
      onFrames: (frames) => reader.onFrames(frames),
      onLost: () => reader.onLost?.(),
    };
    run.readers.add(mine);
    const close = () => {
      if (!run.readers.delete(mine) || run.readers.size > 0) return;
      this.#runs.delete(id);
      run.end();
    };
    return { close };
  }

  /** The records that a replay reads for somebody: who reads the run live may have them from there. */
  async *witness(id: RunId, records: AsyncIterable<StoredRecord[]>): AsyncIterable<StoredRecord[]> {
    for await (const list of records) {
      const last = list.at(-1);
      if (last) this.#runs.get(id)?.wasRead(last);
      yield list;
    }
  }

  /** Called now and then: asks for those that are silent. */
  look(now: number): void {
    for (const run of this.#runs.values()) if (run.isSilent(now)) void run.ask();
  }

  /** What was said while the connection was away is heard by nobody: asks for all. */
  askAll(): void {
    for (const run of this.#runs.values()) void run.ask();
  }

  close(): void {
    for (const run of this.#runs.values()) run.end();
    this.#runs.clear();
  }

  #listen(id: RunId): LiveRun {
    const run = new LiveRun(id, this.#records);
    this.#runs.set(id, run);
    run.subscription = this.#nats.isClosed
      ? undefined
      : this.#nats.connection.subscribe(this.#stream.liveSubjectOf(id), {
          callback: (error, message) => (error ? reportDefect(error) : run.heard(message)),
        });
    return run;
  }
}

type Position = { epoch: number; lastSeq: number };

class LiveRun {
  readonly readers = new Set<Reader>();
  subscription: NatsSubscription | undefined;
  readonly #id: RunId;
  readonly #records: RunRecords;
  /** What all readers were told last; nothing before the first. */
  #last: Position | undefined;
  /** The furthest that one of them may know, from a replay or from here: with less than that in the stream something was lost. */
  #known: Position | undefined;
  #quietUntil = performance.now() + SILENCE_MS;
  #pauseMs = SILENCE_MS;
  #isAsking = false;
  /** The stream had less than was told when it was asked the last time. */
  #wasBehind = false;

  constructor(id: RunId, records: RunRecords) {
    this.#id = id;
    this.#records = records;
  }

  wasRead({ epoch, lastSeq }: RecordHead): void {
    if (lastSeq > (this.#known?.lastSeq ?? 0)) this.#known = { epoch, lastSeq };
  }

  isSilent(now: number): boolean {
    return now >= this.#quietUntil;
  }

  end(): void {
    this.readers.clear();
    if (this.subscription && !this.subscription.isClosed()) this.subscription.unsubscribe();
  }

  heard(message: Msg): void {
    const head = headOf(message.headers);
    if (!head) return;
    this.#pauseMs = SILENCE_MS;
    this.#quietUntil = performance.now() + SILENCE_MS;
    this.#told(head, bufferOf(message.data));
  }

  /** Asks the stream for the run's last message and goes on as if it had come. */
  async ask(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      const last = await this.#records.last(this.#id);
      const isNew = (last?.lastSeq ?? 0) !== this.#last?.lastSeq;
      if (!this.#isBehind(last) && last) await this.#catchUp(last);
      this.#pauseMs = isNew ? SILENCE_MS : Math.min(2 * this.#pauseMs, SELDOM_MS);
    } catch {
      // NATS is away: asked again soon.
      this.#pauseMs = SILENCE_MS;
    } finally {
      this.#isAsking = false;
      this.#quietUntil = performance.now() + this.#pauseMs;
    }
  }

  /** A writer that still lives writes again what NATS lost, so only what stays lost is told. */
  #isBehind(last: RecordHead | undefined): boolean {
    const isBehind = (last?.lastSeq ?? 0) < (this.#known?.lastSeq ?? 0);
    if (isBehind && this.#wasBehind) this.#lost();
    this.#wasBehind = isBehind && !this.#wasBehind;
    return isBehind;
  }

  async #catchUp(last: RecordHead & { bytes: Buffer }): Promise<void> {
    if (last.firstSeq <= last.lastSeq) {
      this.#told(last, last.bytes);
      return;
    }
    // A fence has no frames: what was lost lies before it.
    if (last.lastSeq === 0 || last.lastSeq === this.#last?.lastSeq) return;
    for await (const records of this.#records.all(this.#id))
      for (const record of records) this.#told(record, record.bytes);
  }

  #told(head: RecordHead, bytes: Buffer): void {
    const { epoch, firstSeq, lastSeq, done } = head;
    const [told, known] = [this.#last, this.#known];
    // A later owner gives numbers again that were told: what had them before is lost.
    if (known && epoch > known.epoch && firstSeq <= Math.min(lastSeq, known.lastSeq)) this.#lost();
    else if (told && (lastSeq <= told.lastSeq || epoch < told.epoch)) return;
    if (firstSeq > lastSeq) return;
    // Of a repeated message only what is new.
    const overlap = this.#last && firstSeq <= this.#last.lastSeq ? this.#last.lastSeq : firstSeq - 1;
    this.#last = { epoch, lastSeq };
    this.wasRead(head);
    const frames = { bytes: framesAfter(bytes, firstSeq, overlap), firstSeq: overlap + 1, lastSeq, done };
    this.#each((reader) => reader.onFrames(frames));
  }

  #lost(): void {
    this.#last = undefined;
    this.#known = undefined;
    this.#each((reader) => reader.onLost?.());
  }

  /** Throws nothing: the library's reader would end at it, and with it the whole connection. */
  #each(tell: (reader: Reader) => void): void {
    for (const reader of [...this.readers]) {
      try {
        tell(reader);
      } catch (thrown) {
        reportDefect(thrown);
      }
    }
  }
}
