// Events of runs that were written elsewhere, into the stream of a new cluster: the same frames under the same numbers and epochs. What
// is there is not written again, so that it can be broken off and begun anew.
import type { RunId } from "../../../../contracts/ids.ts";
import { framesAfter } from "../../../events/sse-frames.ts";
import type { Nats } from "../open-nats.ts";
import { Acknowledgements } from "./acknowledgements.ts";
import { type RecordHead, recordHeaders } from "./record.ts";
import { RunRecords } from "./run-records.ts";
import { RunStream, type StreamOptions } from "./run-stream.ts";

type Frames = RecordHead & { bytes: Buffer };
type End = { lastSeq: number; streamSeq: number };

const ASK_MS = 3_000;
const MOST_TRIES = 5;
/** For the headers and subject of a message. */
const ROOM = 4_096;

export class ImportEvents {
  readonly #nats: Nats;
  readonly #stream: RunStream;
  readonly #records: RunRecords;
  readonly #acknowledgements: Acknowledgements;

  private constructor(nats: Nats, stream: RunStream) {
    this.#nats = nats;
    this.#stream = stream;
    this.#records = new RunRecords(nats, stream);
    this.#acknowledgements = new Acknowledgements(nats);
  }

  /** @throws Error in words for a person when the stream cannot be made */
  static async open(nats: Nats, options: Pick<StreamOptions, "replicas"> = {}): Promise<ImportEvents> {
    return new ImportEvents(nats, await RunStream.open(nats, options));
  }

  /** Those of which something is there. */
  async runs(): Promise<RunId[]> {
    const found: RunId[] = [];
    for await (const heads of this.#records.heads()) found.push(...heads.map(({ run }) => run));
    return found;
  }

  /** Writes what is missing of a run. @throws store_unavailable; Error in words when somebody else writes the run */
  async put(run: RunId, all: Iterable<Frames>): Promise<void> {
    let end = await this.#endOf(run);
    for (const frames of all)
      for (const piece of piecesOf(frames, end.lastSeq, this.#nats.maxPayload - ROOM))
        end = await this.#write(run, piece, end);
  }

  /** All that is there of a run, as readers get it. */
  async *bytes(run: RunId): AsyncIterable<Buffer> {
    for await (const records of this.#records.all(run)) for (const { bytes } of records) yield bytes;
  }

  close(): void {
    this.#acknowledgements.close();
  }

  async #write(run: RunId, { bytes, ...head }: Frames, end: End): Promise<End> {
    const subject = this.#stream.subjectOf(run);
    for (let tries = 1; ; tries += 1) {
      const headers = recordHeaders(run, head, end.streamSeq);
      const answer = await this.#acknowledgements.ask(subject, bytes, headers, ASK_MS);
      if (answer?.type === "stored") return { lastSeq: head.lastSeq, streamSeq: answer.streamSeq };
      // An answer that was lost, or none: the stream says whether it is there.
      const there = await this.#endOf(run);
      if (there.lastSeq === head.lastSeq) return there;
      if (there.lastSeq !== end.lastSeq || tries === MOST_TRIES)
        throw new Error(
          `The events of ${run} cannot be written: ${answer?.type === "refused" ? answer.reason : "NATS does not answer, or somebody else writes them"}.`,
        );
    }
  }

  async #endOf(run: RunId): Promise<End> {
    const { lastSeq = 0, streamSeq = 0 } = (await this.#records.last(run)) ?? {};
    return { lastSeq, streamSeq };
  }
}

/** What is behind `after`, in messages that NATS takes. @throws Error in words where one event is too large */
function* piecesOf(frames: Frames, after: number, mostBytes: number): Iterable<Frames> {
  const { epoch, lastSeq, done } = frames;
  let firstSeq = Math.max(frames.firstSeq, after + 1);
  if (firstSeq > lastSeq) return;
  let rest = framesAfter(frames.bytes, frames.firstSeq, firstSeq - 1);
  while (rest.length > mostBytes) {
    const { bytes, count } = beginningOf(rest, mostBytes);
    const last = firstSeq + count - 1;
    yield { epoch, firstSeq, lastSeq: last, done: done && last === lastSeq, bytes };
    firstSeq = last + 1;
    rest = rest.subarray(bytes.length);
  }
  if (rest.length > 0) yield { epoch, firstSeq, lastSeq, done, bytes: rest };
}

/** As many whole frames as fit. */
function beginningOf(bytes: Buffer, mostBytes: number): { bytes: Buffer; count: number } {
  let [at, count] = [0, 0];
  for (;;) {
    const end = bytes.indexOf("\n\n", at);
    if (end === -1 || end + 2 > mostBytes) break;
    at = end + 2;
    count += 1;
  }
  if (count === 0)
    throw new Error(
      `An event has more bytes than NATS passes on (${mostBytes}): set max_payload to 8MB in its configuration, or more.`,
    );
  return { bytes: bytes.subarray(0, at), count };
}
