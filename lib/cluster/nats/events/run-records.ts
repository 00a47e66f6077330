// Reads what the stream has of runs: the last message of one, all from the beginning, and the last of every run.
import {
  type ConsumerMessages,
  DeliverPolicy,
  type JsMsg,
  type OrderedConsumerOptions,
  type StoredMsg,
} from "@nats-io/jetstream";
import { Feature, type NatsConnectionImpl } from "nats";
import type { RunId } from "../../../../contracts/ids.ts";
import { within } from "../../within.ts";
import { natsFailure, storeUnavailable } from "../nats-errors.ts";
import type { Nats } from "../open-nats.ts";
import { bufferOf, headOf, type RecordHead, type StoredRecord } from "./record.ts";
import type { RunStream } from "./run-stream.ts";

/** Messages of one question. */
const BATCH = 512;
const BATCH_BYTES = 1024 * 1024;
/** Between two messages of an answer. */
const SILENCE_MS = 3_000;

type Batch = { records: StoredRecord[]; pending: number };

export class RunRecords {
  readonly #nats: Nats;
  readonly #stream: RunStream;

  constructor(nats: Nats, stream: RunStream) {
    this.#nats = nats;
    this.#stream = stream;
  }

  /** The run's last message, asked of the stream's leader: a follower may not have it yet. @throws store_unavailable */
  async last(run: RunId): Promise<StoredRecord | undefined> {
    this.#requireConnection();
    const { manager, name } = this.#stream;
    const found = await manager.streams
      .getMessage(name, { last_by_subj: this.#stream.subjectOf(run) })
      .catch((thrown: unknown) => {
        throw natsFailure(thrown);
      });
    return found ? recordOf(found) : undefined;
  }

  /** All of the run in order, as they are now, in lists of bounded size. @throws store_unavailable */
  async *all(run: RunId): AsyncIterable<StoredRecord[]> {
    this.#requireConnection();
    const subject = this.#stream.subjectOf(run);
    if (!this.#hasBatches) return yield* this.#consumed({ filter_subjects: subject }, recordOfDelivered);
    for (let from = 1; ; ) {
      const { records, pending } = await this.#batch(subject, from);
      if (records.length > 0) yield records;
      const last = records.at(-1);
      if (!last || pending === 0) return;
      from = last.streamSeq + 1;
    }
  }

  /** The head of each run's last message. @throws store_unavailable */
  async *heads(): AsyncIterable<(RecordHead & { run: RunId; streamSeq: number; storedAt: number })[]> {
    this.#requireConnection();
    yield* this.#consumed(
      {
        filter_subjects: this.#stream.subjects,
        deliver_policy: DeliverPolicy.LastPerSubject,
        headers_only: true,
      },
      (message) => {
        const head = recordOfDelivered(message);
        return head && { ...head, run: this.#stream.runOf(message.subject) };
      },
    );
  }

  #requireConnection(): void {
    // The library would wait for the connection, which may take for ever.
    if (!this.#nats.isThere) throw storeUnavailable("NATS is away");
  }

  /** nats-server 2.11 and newer answer many messages to one question; asked each time, since a cluster may have both. */
  get #hasBatches(): boolean {
    return (this.#nats.connection as NatsConnectionImpl).features.get(Feature.JS_BATCH_DIRECT_GET).ok;
  }

  #batch(subject: string, seq: number): Promise<Batch> {
    return new Promise((resolve, reject) => {
      const records: StoredRecord[] = [];
      let pending = 0;
      let stop = () => undefined as unknown;
      const ended = (thrown?: unknown) => {
        clearTimeout(silent);
        if (thrown && codeOf(thrown) !== NOT_FOUND) reject(natsFailure(thrown));
        else resolve({ records, pending });
      };
      const silent = setTimeout(() => {
        stop();
        ended(new Error("no answer"));
      }, SILENCE_MS);
      this.#stream.manager.direct
        .getBatch(this.#stream.name, {
          seq,
          next_by_subj: subject,
          batch: BATCH,
          max_bytes: BATCH_BYTES,
          callback: (done, message) => {
            if (done) return ended(done.err);
            silent.refresh();
            const record = recordOf(message);
            if (record) records.push(record);
            pending = (message as StoredMsg & { pending: number }).pending;
          },
        })
        .then((iterator) => {
          stop = () => iterator.stop();
        }, ended);
    });
  }

  /** What an ordered consumer delivers until it has all that was there. */
  async *#consumed<T>(
    options: Partial<OrderedConsumerOptions>,
    read: (message: JsMsg) => T | undefined,
  ): AsyncIterable<T[]> {
    const { manager, name } = this.#stream;
    try {
      const consumer = await manager.jetstream().consumers.get(name, options);
      try {
        if ((await consumer.info(true)).num_pending === 0) return;
        yield* pieces(await consumer.consume({ max_messages: BATCH }), read);
      } finally {
        // It would go by itself in five minutes.
        await consumer.delete().catch(() => undefined);
      }
    } catch (thrown) {
      throw natsFailure(thrown);
    }
  }
}

async function* pieces<T>(
  messages: ConsumerMessages,
  read: (message: JsMsg) => T | undefined,
): AsyncIterable<T[]> {
  const iterator = messages[Symbol.asyncIterator]();
  let found: T[] = [];
  let bytes = 0;
  try {
    for (;;) {
      const next = await within(SILENCE_MS, iterator.next(), undefined);
      if (!next) throw storeUnavailable("NATS does not answer");
      if (next.done) break;
      const item = read(next.value);
      if (item !== undefined) found.push(item);
      bytes += next.value.data.length;
      if (next.value.info.pending === 0) break;
      if (found.length < BATCH && bytes < BATCH_BYTES) continue;
      yield found;
      [found, bytes] = [[], 0];
    }
  } finally {
    // The library's `close` waits for an iterator that has come to its end.
    messages.stop();
    void iterator.return?.();
  }
  if (found.length > 0) yield found;
}

const NOT_FOUND = 404;
const codeOf = (thrown: unknown) => (thrown as { code?: unknown }).code;

function recordOf({ header, seq, timestamp, data }: StoredMsg): StoredRecord | undefined {
  const head = headOf(header);
  return head && { ...head, streamSeq: seq, storedAt: Date.parse(timestamp), bytes: bufferOf(data) };
}

function recordOfDelivered({ headers, seq, time, data }: JsMsg): StoredRecord | undefined {
  const head = headOf(headers);
  return head && { ...head, streamSeq: seq, storedAt: time.getTime(), bytes: bufferOf(data) };
}
