// How a server of the Model Context Protocol is reached by an address: what it answers is bounded.
import { setTimeout as sleep } from "node:timers/promises";
import { Bucket } from "../../lib/bucket.ts";
import { MESSAGES, TOO_MANY_MESSAGES } from "./messages.ts";

/** Bytes of an answer; of a stream of events, of one event. */
const MOST_BYTES = 8 * 1_048_576;
const EVENTS = "text/event-stream";
/** Requests that wait for an answer: a server may ask us all the time, and each of our answers is one. */
const MOST_AT_ONCE = 300;
/** A server says itself how soon it wants to be asked for events again, and may say never to wait. */
const EVENTS_AGAIN_MS = 1_000;
const [LINE_FEED, CARRIAGE_RETURN] = [10, 13];

/**
 * As `fetch`.
 * @param reach does the asking
 * @param tooMuch told when an answer is cut off, of which nobody else may tell who waits for it
 */
export function boundedFetch(
  reach: typeof fetch,
  tooMuch: () => void,
): (url: string | URL, init?: RequestInit) => Promise<Response> {
  let [atOnce, nextEventsAt] = [0, 0];
  return async (url, init = {}) => {
    if (atOnce >= MOST_AT_ONCE) throw new Error(`more than ${MOST_AT_ONCE} requests to it are not answered`);
    if (init.method === "GET") {
      const now = performance.now();
      nextEventsAt = Math.max(now, nextEventsAt) + EVENTS_AGAIN_MS;
      await sleep(nextEventsAt - EVENTS_AGAIN_MS - now, undefined, { signal: init.signal ?? undefined });
    }
    atOnce += 1;
    const response = await reach(url, init).finally(() => {
      atOnce -= 1;
    });
    if (!response.body) return response;
    const isEvents = response.headers.get("content-type")?.startsWith(EVENTS) === true;
    const body = response.body.pipeThrough(bounded(isEvents, tooMuch));
    const { status, statusText, headers } = response;
    return new Response(body, { status, statusText, headers: withoutLength(headers) });
  };
}

function bounded(isEvents: boolean, tooMuch: () => void): TransformStream<Uint8Array, Uint8Array> {
  const events = new Bucket(MESSAGES);
  let isTooOften = false;
  const count = isEvents ? eventBytes(() => (isTooOften ||= !events.takes())) : allBytes();
  return new TransformStream({
    transform(chunk, controller) {
      const isTooMuch = count(chunk) > MOST_BYTES;
      if (!isTooMuch && !isTooOften) return controller.enqueue(chunk);
      controller.error(
        new Error(isTooMuch ? `it said more than ${MOST_BYTES} bytes at once` : TOO_MANY_MESSAGES),
      );
      tooMuch();
    },
  });
}

function allBytes(): (chunk: Uint8Array) => number {
  let bytes = 0;
  return (chunk) => {
    bytes += chunk.length;
    return bytes;
  };
}

/** Since the last empty line, which ends an event: until then whoever reads it keeps all of its lines (HTML, "Server-sent events"). */
function eventBytes(ended: () => void): (chunk: Uint8Array) => number {
  let [bytes, inLine, last] = [0, 0, 0];
  return (chunk) => {
    for (const byte of chunk) {
      bytes += 1;
      if (byte !== LINE_FEED && byte !== CARRIAGE_RETURN) inLine += 1;
      else if (byte !== LINE_FEED || last !== CARRIAGE_RETURN) {
        if (inLine === 0) {
          bytes = 0;
          ended();
        }
        inLine = 0;
      }
      last = byte;
    }
    return bytes;
  };
}

/** It is decoded already. */
function withoutLength(headers: Headers): Headers {
  const kept = new Headers(headers);
  for (const name of ["content-length", "content-encoding"]) kept.delete(name);
  return kept;
}
