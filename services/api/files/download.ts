// GET /files/{id}/content: a file as it came, always as a download: nothing that somebody has uploaded is shown by a browser as a page of
// this server, whatever it is.
import { pipeline } from "node:stream/promises";
import { callUnchecked } from "../../../lib/broker/action.ts";
import { AppError } from "../../../lib/errors.ts";
import { attachmentHeader } from "../attachment-header.ts";
import { type Exchange, metaNow } from "../handle-request.ts";

/** A reader that takes nothing for so long is let go. Milliseconds. */
const STALLED_MS = 120_000;
/** Types that browsers run or draw as pages. */
const ACTIVE = /html|xml|svg|javascript|pdf/i;

/** @throws file_not_found, store_damaged; once the download has begun it is cut instead, so that nobody takes a part for the whole */
export async function downloadFile(exchange: Exchange): Promise<void> {
  const { broker, ports, params, request, requestId, response } = exchange;
  const options = { meta: metaNow(exchange), requestID: requestId };
  const { file, key } = await callUnchecked(broker, "sessions.fileContent", params, options);
  const tag = `"${file.sha256}"`;
  const headers = { ETag: tag, "Cache-Control": "private, no-cache", "Accept-Ranges": "none" };
  if (isKnown(request.headers["if-none-match"], tag)) {
    response.writeHead(304, headers).end();
    return;
  }
  const about = {
    ...headers,
    "Content-Type": ACTIVE.test(file.media_type) ? "application/octet-stream" : file.media_type,
    "Content-Length": file.size,
    "Content-Disposition": attachmentHeader(file.name),
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
  };
  if (request.method === "HEAD") {
    response.writeHead(200, about).end();
    return;
  }
  const object = await ports.objects.get(key);
  if (!object) throw new AppError("store_damaged", "The file's bytes are not in the object store any more.");
  if (response.writableEnded) {
    object.stream.destroy();
    return;
  }
  response.setTimeout(STALLED_MS, () => response.destroy());
  response.writeHead(200, about);
  // Whoever leaves, or a store that breaks off: the connection is cut, and the length says that something is missing.
  await pipeline(object.stream, response).catch(() => response.destroy());
}

/** If-None-Match (RFC 9110, 13.1.2). */
const isKnown = (header: string | undefined, tag: string) =>
  (header ?? "").split(",").some((one) => ["*", tag, `W/${tag}`].includes(one.trim()));
