// Server-sent events of one connection, as they come. A connection that is silent for too long is dead.
import { EventSourceParserStream } from "eventsource-parser/stream";
import { NotMacJarvis } from "./api-error.ts";
import type { Client } from "./client.ts";

export type ServerEvent = { event: string; data: string; id: string | undefined; status: number };

/** The server pings every 15 s: three missing pings are a dead connection. */
const SILENCE_MS = 45_000;

/**
 * @param open asks for them, with a signal that ends the connection
 * @throws what `open` throws; NotMacJarvis; the error of a connection that broke
 */
export async function* serverEvents(
  client: Client,
  open: (signal: AbortSignal) => Promise<Response>,
  outer: AbortSignal | undefined,
): AsyncGenerator<ServerEvent> {
  const cut = new AbortController();
  let silence: ReturnType<typeof setTimeout> | undefined;
  const stayAwake = () => {
    clearTimeout(silence);
    silence = setTimeout(() => cut.abort(), SILENCE_MS);
  };
  stayAwake();
  const signal = outer ? AbortSignal.any([outer, cut.signal]) : cut.signal;
  try {
    const response = await open(signal);
    const { status } = response;
    if (status === 204 || !response.body) return;
    if (!response.headers.get("content-type")?.startsWith("text/event-stream"))
      throw new NotMacJarvis(client.url, status);
    const awake = new TransformStream<Uint8Array, Uint8Array>({
      transform(bytes, controller) {
        stayAwake();
        controller.enqueue(bytes);
      },
    });
    const messages = response.body
      .pipeThrough(awake)
      .pipeThrough(new TextDecoderStream() as unknown as ReadableWritablePair<string, Uint8Array>)
      .pipeThrough(new EventSourceParserStream());
    const reader = messages.getReader();
    // Read by hand: not every browser can iterate over a stream.
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield { event: value.event ?? "", data: value.data, id: value.id, status };
    }
  } finally {
    clearTimeout(silence);
    cut.abort();
  }
}

/** @throws NotMacJarvis when it is no JSON object */
export function dataOf({ data, status }: ServerEvent, client: Client): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(data);
    if (typeof parsed === "object" && parsed !== null) return parsed as Record<string, unknown>;
  } catch {
    // Not what MacJarvis says.
  }
  throw new NotMacJarvis(client.url, status);
}

/** Ends early, with the signal's reason. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = () => reject(signal?.reason);
  const timer = setTimeout(resolve, ms);
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop, { once: true });
  return promise.finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  });
}
