// Holds a command back that prints without end: it waits for the server, and not the server for it (G25). Used by run-command.ts.
import type { Readable } from "node:stream";

/** Bytes that are read as fast as they come; no more than these are kept, so what follows is for nobody. */
const FREE = 8 * 1_048_576;
/** Then so many at a time, with so long a rest between: some 50 MB a second. */
const PORTION = 1_048_576;
const REST_MS = 20;

/** To be called once for a stream that somebody reads. */
export function pace(stream: Readable): void {
  let left = FREE;
  stream.on("data", (chunk: Buffer) => {
    left -= chunk.length;
    if (left > 0) return;
    left = PORTION;
    stream.pause();
    setTimeout(() => stream.resume(), REST_MS);
  });
}
