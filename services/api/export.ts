// GET /sessions/{id}/export: the whole session as a download, part by part, as fast as its reader takes it.
import { setImmediate as nextTurn } from "node:timers/promises";
import type { ResultOf } from "../../contracts/actions.ts";
import { callUnchecked } from "../../lib/broker/action.ts";
import { attachmentHeader } from "./attachment-header.ts";
import { drained } from "./drained.ts";
import { type Exchange, metaNow } from "./handle-request.ts";

type Part = ResultOf<"sessions.export">;

/** A reader that takes nothing for so long is let go. Milliseconds. */
const STALLED_MS = 120_000;

/** @throws session_not_found; once the download has begun it is cut instead, so that nobody takes a part for the whole */
export async function exportSession(exchange: Exchange): Promise<void> {
  const { request, response } = exchange;
  let part = await readPart(exchange);
  if (response.writableEnded) return;
  response.setTimeout(STALLED_MS, () => response.destroy());
  response.writeHead(200, headersOf(part));
  while (part.next_page !== null && request.method !== "HEAD") {
    if (!response.write(part.content)) await drained(response);
    // A fast reader never makes us wait: the others get their turn all the same.
    await nextTurn();
    if (response.destroyed) return;
    part = await readPart(exchange, part.next_page);
  }
  response.end(part.content);
}

async function readPart(exchange: Exchange, page?: number): Promise<Part> {
  const params = { ...exchange.params, ...(page === undefined ? {} : { page }) };
  return callUnchecked(exchange.broker, "sessions.export", params, { meta: metaNow(exchange) });
}

function headersOf({ filename, content_type, content, next_page }: Part): Record<string, string | number> {
  return {
    "Content-Type": content_type,
    ...(next_page === null ? { "Content-Length": Buffer.byteLength(content) } : {}),
    "Content-Disposition": attachmentHeader(filename),
    "Cache-Control": "no-store",
  };
}
