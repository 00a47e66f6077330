// The events of a run as Server-Sent Events: replay, then live, without gap and repeat; slow readers are waited for in a
// replay and let go when they fall behind live. Where the store has lost what a reader was told, it is told all anew.
import type { ServerResponse } from "node:http";
import type { RunId } from "../../contracts/ids.ts";
import { frameOf, parseFrames } from "../../lib/events/sse-frames.ts";
import type { Frames, RunEvents, Subscription } from "../../lib/ports/events.ts";
import { drained } from "./drained.ts";

/** Bytes a live reader may be behind before it is disconnected; it can resume. */
const MAX_BEHIND = 1024 * 1024;
const SILENCE_MS = 15_000;

const PING = Buffer.from(": ping\n\n");

export const EVENT_STREAM = {
  "Content-Type": "text/event-stream; charset=utf-8",
  "Cache-Control": "no-cache, no-transform",
  "X-Accel-Buffering": "no",
};

/** All open streams, pinged by one timer instead of one each. */
const open = new Set<EventStream>();
const pinger = setInterval(() => {
  const until = performance.now() - SILENCE_MS;
  for (const stream of open) stream.pingIfSilent(until);
}, 1_000).unref();
void pinger;

/** Copies the events of a run that come after `after` to the response and ends it after `done`. */
export function streamEvents(events: RunEvents, run: RunId, after: number, response: ServerResponse): void {
  begin(events, run, after, response)?.start();
}

/** The same for a client that was told what is lost now, of `steps` steps at most: they are reset, and everything comes anew. */
export function streamAnew(events: RunEvents, run: RunId, steps: number, response: ServerResponse): void {
  begin(events, run, 0, response)?.startAnew(steps);
}

function begin(
  events: RunEvents,
  run: RunId,
  after: number,
  response: ServerResponse,
): EventStream | undefined {
  // Its client has left, or its credential has ended, while it was begun.
  if (response.destroyed || response.writableEnded) return undefined;
  response.socket?.setNoDelay(true);
  response.writeHead(200, EVENT_STREAM);
  return new EventStream(events, run, after, response);
}

/** Ends all streams of a gateway that shuts down; clients resume elsewhere. */
export function endStreams(): void {
  for (const stream of open) stream.leave();
}

class EventStream {
  readonly #events: RunEvents;
  readonly #run: RunId;
  readonly #response: ServerResponse;
  readonly #framer: ChunkFramer;
  readonly #subscription: Subscription;
  #sent: number;
  /** What was told last, for which step it was of. */
  #told: Buffer | undefined;
  #lastWriteAt = performance.now();
  /** While a replay runs, live frames only mark that there is more to read. */
  #replaying = true;
  #missed = false;
  /** What was told is not in the store any more. */
  #isLost = false;
  #wrote = false;
  #closed = false;

  constructor(events: RunEvents, run: RunId, after: number, response: ServerResponse) {
    this.#events = events;
    this.#run = run;
    this.#sent = after;
    this.#response = response;
    this.#framer = new ChunkFramer(response);
    this.#subscription = events.subscribe(run, {
      onFrames: (frames) => this.#live(frames),
      onLost: () => this.#lost(),
    });
    response.on("close", () => this.#close());
    response.on("error", () => this.#close());
    open.add(this);
  }

  start(): void {
    this.#replay().catch(() => this.leave());
  }

  startAnew(steps: number): void {
    this.#reset(steps);
    this.start();
  }

  pingIfSilent(until: number): void {
    if (this.#closed || this.#lastWriteAt > until) return;
    this.#write(PING);
  }

  /** Cuts the connection; the client resumes from its last id. */
  leave(): void {
    this.#close();
    this.#response.destroy();
  }

  async #replay(): Promise<void> {
    do {
      this.#missed = false;
      if (this.#isLost) this.#reset(this.#told ? stepOf(this.#told) : 0);
      for await (const frames of this.#events.replay(this.#run, this.#sent)) {
        if (this.#closed) return;
        if (this.#isLost) break;
        this.#sent = frames.lastSeq;
        this.#told = frames.bytes;
        if (frames.done) return this.#end(frames.bytes);
        if (!this.#write(frames.bytes)) await drained(this.#response);
      }
    } while (this.#missed || this.#isLost);
    this.#replaying = false;
    // They went with the first events, if there were any.
    if (!this.#wrote) this.#response.flushHeaders();
  }

  #live(frames: Frames): void {
    if (this.#closed || frames.lastSeq <= this.#sent) return;
    if (this.#replaying) {
      this.#missed = true;
      return;
    }
    if (frames.firstSeq !== this.#sent + 1) {
      this.#replaying = true;
      this.start();
      return;
    }
    this.#sent = frames.lastSeq;
    this.#told = frames.bytes;
    if (frames.done) {
      this.#end(frames.bytes);
      return;
    }
    this.#write(frames.bytes);
    if (this.#response.writableLength > MAX_BEHIND) this.leave();
  }

  #lost(): void {
    if (this.#closed) return;
    this.#isLost = true;
    if (this.#replaying) return;
    this.#replaying = true;
    this.start();
  }

  /** Steps that were told are void. A client that is cut off after this resumes from 0. */
  #reset(steps: number): void {
    this.#isLost = false;
    this.#sent = 0;
    for (let step = 1; step <= steps; step += 1)
      this.#write(Buffer.from(frameOf(0, { event: "reset", data: { step, reason: "events_lost" } })));
  }

  #write(bytes: Buffer): boolean {
    this.#lastWriteAt = performance.now();
    this.#wrote = true;
    // Corked by us, the bytes leave here. Node's own cork holds them until all promises that are due have run, which for the
    // first token is the rest of the turn, and costs a tick for each piece.
    const { socket } = this.#response;
    socket?.cork();
    const hasRoom = this.#response.write(this.#framer.chunk(bytes));
    socket?.uncork();
    return hasRoom;
  }

  #end(last: Buffer): void {
    this.#close();
    this.#response.end(this.#framer.last(last));
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    open.delete(this);
    this.#subscription.close();
  }
}

/** The step that the last of these frames is of: the highest of a run so far. 0 where none is of a step. */
function stepOf(bytes: Buffer): number {
  const steps = parseFrames(bytes).map(({ event }) => ("step" in event.data ? event.data.step : 0));
  return Math.max(0, ...steps);
}

const LINE_END = "\r\n";
const LAST_CHUNK = "0\r\n\r\n";

/** Frames all that is written to one response; for HTTP/1.0, which has no chunks, it leaves bytes as they are. */
class ChunkFramer {
  readonly #isChunked: boolean;

  /** @param response its head has been made, nothing of its body: from here on it passes bytes as they are */
  constructor(response: ServerResponse) {
    this.#isChunked = response.chunkedEncoding;
    response.chunkedEncoding = false;
  }

  chunk(bytes: Buffer): Buffer {
    // An empty chunk would end the body.
    return this.#isChunked && bytes.length > 0 ? framed(bytes, LINE_END) : bytes;
  }

  /** What is written last, with the end of the body. @param bytes not empty */
  last(bytes: Buffer): Buffer {
    return this.#isChunked ? framed(bytes, LINE_END + LAST_CHUNK) : bytes;
  }
}

function framed(bytes: Buffer, tail: string): Buffer {
  const head = bytes.length.toString(16) + LINE_END;
  const chunk = Buffer.allocUnsafe(head.length + bytes.length + tail.length);
  chunk.write(head, 0, "latin1");
  chunk.set(bytes, head.length);
  chunk.write(tail, head.length + bytes.length, "latin1");
  return chunk;
}
