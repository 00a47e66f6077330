// What of a user's things changes (GET /events), over as many connections as it takes. Nothing is kept of it: each connection begins with
// `ready`, at which whoever shows something reads it anew.
import type { UserNews } from "../../contracts/answers/news.ts";
import { ApiError } from "./api-error.ts";
import type { Client } from "./client.ts";
import { PASSING, PAUSES, type StreamOptions } from "./run-stream.ts";
import { dataOf, pause, serverEvents } from "./server-events.ts";

const KNOWN: ReadonlySet<string> = new Set<UserNews["event"]>([
  "ready",
  "session",
  "run",
  "approval",
  "node",
]);

/**
 * Goes on until the signal ends it.
 * @throws ApiError when the server refuses for good; the signal's reason
 */
export async function* userStream(
  client: Client,
  options: Pick<StreamOptions, "signal" | "onConnection" | "pauses"> = {},
): AsyncGenerator<UserNews> {
  const { signal, onConnection, pauses = PAUSES } = options;
  const open = (cut: AbortSignal) =>
    client.open("GET", "/events", { headers: { accept: "text/event-stream" }, signal: cut });
  let isLost = false;
  for (let failures = 0; ; failures += 1) {
    try {
      for await (const event of serverEvents(client, open, signal)) {
        if (isLost) onConnection?.("back");
        isLost = false;
        failures = 0;
        if (KNOWN.has(event.event)) yield { event: event.event, data: dataOf(event, client) } as UserNews;
      }
    } catch (thrown) {
      if (signal?.aborted || (thrown instanceof ApiError && !PASSING.has(thrown.code))) throw thrown;
    }
    if (!isLost) onConnection?.("lost");
    isLost = true;
    await pause(pauses[Math.min(failures, pauses.length - 1)] ?? 0, signal);
  }
}
