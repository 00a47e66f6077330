// Events of runs as bytes: the SSE frames that every reader gets, made once by the writer.
import type { RunEvent } from "../../contracts/run-events.ts";

/** An event as readers get it: `id`, `event`, `data` as one JSON object, and an empty line. */
export function frameOf(seq: number, { event, data }: RunEvent): string {
  return `id: ${seq}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** The frames after number `after`. @param firstSeq number of the first in `bytes` */
export function framesAfter(bytes: Buffer, firstSeq: number, after: number): Buffer {
  let at = 0;
  for (let seq = firstSeq; seq <= after; seq += 1) {
    const end = bytes.indexOf("\n\n", at);
    if (end === -1) return bytes.subarray(bytes.length);
    at = end + 2;
  }
  return bytes.subarray(at);
}

/** The events in frames, parsed. */
export function parseFrames(bytes: Buffer): { seq: number; event: RunEvent }[] {
  return bytes
    .toString()
    .split("\n\n")
    .filter((frame) => frame !== "")
    .map((frame) => {
      const [id = "", event = "", data = ""] = frame.split("\n");
      return {
        seq: Number(id.slice("id: ".length)),
        event: {
          event: event.slice("event: ".length),
          data: JSON.parse(data.slice("data: ".length)) as unknown,
        } as RunEvent,
      };
    });
}
