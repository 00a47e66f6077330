// GET /events: what of the caller's things changes, as Server-Sent Events, until the client leaves or its credential ends. Nothing is kept
// of it: `ready` says from when on everything is heard, and who was away reads anew.
import type { ServerResponse } from "node:http";
import type { UserNews } from "../../contracts/answers/news.ts";
import { requireScope } from "../../lib/broker/authorization.ts";
import { newsOf } from "../../lib/tell-user.ts";
import { EVENT_STREAM } from "./event-stream.ts";
import type { Exchange } from "./handle-request.ts";

const PING_MS = 15_000;
const PING = ": ping\n\n";
/** Bytes that a reader may be behind before it is cut off. */
const MAX_BEHIND = 256 * 1024;

const open = new Set<ServerResponse>();

/** Cuts all of them: their readers come again elsewhere. */
export function endNews(): void {
  for (const response of open) response.destroy();
}

/** @throws scope_missing */
export async function userNews({ ports, caller, response }: Exchange): Promise<void> {
  if (!caller) throw new Error("nobody can be told of nobody's things");
  requireScope(caller, ["sessions:read", "chat"]);
  if (response.destroyed) return;
  const say = (news: UserNews) => {
    if (response.destroyed) return;
    response.write(`event: ${news.event}\ndata: ${JSON.stringify(news.data)}\n\n`);
    if (response.writableLength > MAX_BEHIND) response.destroy();
  };
  const quiet = ports.signals.subscribe(newsOf(caller.user_id), (data) => say(data as UserNews));
  const pings = setInterval(() => response.write(PING), PING_MS).unref();
  response.once("close", () => {
    open.delete(response);
    clearInterval(pings);
    quiet();
  });
  open.add(response);
  response.socket?.setNoDelay(true);
  response.writeHead(200, EVENT_STREAM);
  response.flushHeaders();
  // Heard late it is heard all the same: who waits for it would see nothing at all.
  await quiet.ready.catch(() => undefined);
  say({ event: "ready", data: {} });
}
