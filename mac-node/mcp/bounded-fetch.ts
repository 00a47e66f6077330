// How a server of the Model Context Protocol is reached by an address: what it answers is bounded, and it leads nowhere else, since what
// is sent to it may hold a secret.

/** Bytes of an answer; of a stream of events, of one event. */
const MOST_BYTES = 8 * 1_048_576;
const EVENTS = "text/event-stream";

/**
 * As `fetch`, whose redirects are errors.
 * @param tooMuch told when an answer is cut off, of which nobody else may tell who waits for it
 */
export function boundedFetch(
  tooMuch: () => void,
): (url: string | URL, init?: RequestInit) => Promise<Response> {
  return async (url, init = {}) => {
    const response = await fetch(url, { ...init, redirect: "error" });
    if (!response.body) return response;
    const isEvents = response.headers.get("content-type")?.startsWith(EVENTS) === true;
    const body = response.body.pipeThrough(bounded(isEvents, tooMuch));
    const { status, statusText, headers } = response;
    return new Response(body, { status, statusText, headers: withoutLength(headers) });
  };
}

function bounded(isEvents: boolean, tooMuch: () => void): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0;
  return new TransformStream({
    transform(chunk, controller) {
      // An event ends with an empty line; a line's end is near enough to it.
      bytes = isEvents && chunk.includes(10) ? chunk.length : bytes + chunk.length;
      if (bytes <= MOST_BYTES) return controller.enqueue(chunk);
      controller.error(new Error(`it said more than ${MOST_BYTES} bytes at once`));
      tooMuch();
    },
  });
}

/** It is decoded already. */
function withoutLength(headers: Headers): Headers {
  const kept = new Headers(headers);
  for (const name of ["content-length", "content-encoding"]) kept.delete(name);
  return kept;
}
