// How the gateway ends: first nobody new comes in, and when the runs have had their time, nobody is left.
import type { Server } from "node:http";
import { endWaits } from "./chat.ts";
import { endStreams } from "./event-stream.ts";
import { endMcp } from "./mcp/under-way.ts";
import { endNews } from "./news.ts";

/** Time that requests under way get when the gateway ends, in milliseconds. */
const LAST_REQUESTS_MS = 2_000;
const LOOK_MS = 20;

/** Stops listening; what is under way goes on. Called before anything else when the process drains. May be called again. */
export function closeDoor(server: Server | undefined): void {
  server?.close();
  server?.closeIdleConnections();
}

/**
 * Ends what is under way: event streams at once (their readers resume), sync requests with the advice to come again, others
 * when they are answered, or they are cut. To be called before the service is destroyed: Moleculer waits for requests first
 * and calls `stopped` after that. May be called again.
 */
export async function endRequests(server: Server | undefined): Promise<void> {
  if (!server) return;
  closeDoor(server);
  endStreams();
  endNews();
  endWaits();
  endMcp();
  const cut = setTimeout(() => server.closeAllConnections(), LAST_REQUESTS_MS);
  await new Promise<void>((resolve) => {
    const look = () =>
      server.getConnections((_error, count) => {
        // A connection that is kept alive becomes idle when its last answer is out.
        server.closeIdleConnections();
        if (count > 0) setTimeout(look, LOOK_MS);
        else resolve();
      });
    look();
  });
  clearTimeout(cut);
}
