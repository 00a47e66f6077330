// POST /files: the bytes go to the object store as they come, whatever their size with little memory; what they are is looked at by the
// sessions service. Whatever breaks off leaves nothing: not here, and what this process cannot remove any more is swept an hour later.
import type { IncomingMessage } from "node:http";
import { MOST_FILE_BYTES, uploadQuery } from "../../../contracts/files.ts";
import { callUnchecked, parse } from "../../../lib/broker/action.ts";
import { AppError, isType } from "../../../lib/errors.ts";
import { type Exchange, metaNow, sendJson } from "../handle-request.ts";
import { bounded, fileTooLarge, piecesOf, type Store } from "./body.ts";

/** Around a file in a form: boundaries, headers and the other fields. */
const MOST_AROUND = 64 * 1024;
/** Looking into it takes seconds, behind others of the same user. */
const KEEP_MS = 180_000;
const FORM = /^multipart\/form-data\b/i;
const CONTENT = { contentType: "application/octet-stream" };

type Received = { name?: string | undefined; session_id?: string | undefined };

/** @throws body_too_large, unsupported_media_type, invalid_request, bad_request, file_limit, files_off, session_not_found */
export async function uploadFile(exchange: Exchange): Promise<void> {
  const { broker, meta, params, ports, request, requestId, response } = exchange;
  const query = parse(uploadQuery, params);
  const size = declaredSize(request);
  const { id, key } = await callUnchecked(broker, "sessions.beginFile", size === undefined ? {} : { size }, {
    ...{ meta, requestID: requestId },
  });
  try {
    if (request.headers.expect?.toLowerCase() === "100-continue") response.writeContinue();
    const received = await receive(request, (bytes) => ports.objects.put(key, bounded(bytes), CONTENT));
    const given = Object.entries({ ...received, ...query }).filter(([, value]) => value !== undefined);
    const kept = await callUnchecked(
      broker,
      "sessions.keepFile",
      { id, ...Object.fromEntries(given) },
      { meta: metaNow(exchange), requestID: requestId, timeout: KEEP_MS },
    );
    if (!response.writableEnded) sendJson(response, 201, kept);
  } catch (thrown) {
    // What still comes is not read into memory, and a client that goes on sending can read why it need not.
    request.resume();
    await forget(exchange, id, key);
    throw thrown;
  }
}

/** Bytes that the file may have, as far as the client says; of a form, what is around the file counts too. */
function declaredSize({ headers }: IncomingMessage): number | undefined {
  if ((headers["content-encoding"] ?? "identity").toLowerCase() !== "identity")
    throw new AppError("unsupported_media_type", "Send the file as it is, without Content-Encoding.");
  const length = headers["content-length"];
  if (length === undefined) return undefined;
  const isForm = FORM.test(headers["content-type"] ?? "");
  if (Number(length) > MOST_FILE_BYTES + (isForm ? MOST_AROUND : 0)) throw fileTooLarge();
  return Math.min(Number(length), MOST_FILE_BYTES);
}

async function receive(request: IncomingMessage, store: Store): Promise<Received> {
  if (FORM.test(request.headers["content-type"] ?? "")) {
    const { receiveForm } = await import("./form.ts");
    return receiveForm(request, MOST_FILE_BYTES + MOST_AROUND, store);
  }
  await store(piecesOf(request));
  return { name: nameInHeader(request.headers["content-disposition"]) };
}

/** As RFC 6266 has it; what is not readable is no name. */
export function nameInHeader(header: string | undefined): string | undefined {
  const [, encoded] = /filename\*\s*=\s*utf-8'[^']*'([^;\s]+)/i.exec(header ?? "") ?? [];
  if (encoded !== undefined)
    try {
      return decodeURIComponent(encoded);
    } catch {
      // Then the plain one counts.
    }
  const [, quoted, bare] = /filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s"]+))/i.exec(header ?? "") ?? [];
  const plain = quoted?.replace(/\\(.)/g, "$1") ?? bare;
  // Node reads headers as Latin-1; browsers and programs write UTF-8.
  return plain === undefined ? undefined : Buffer.from(plain, "latin1").toString();
}

/** What is left of an upload that failed. What this cannot do the sweep does. */
async function forget(exchange: Exchange, id: string, key: string): Promise<void> {
  const { broker, ports, log } = exchange;
  try {
    await callUnchecked(broker, "sessions.removeFile", { id }, { meta: metaNow(exchange) }).catch(
      (thrown: unknown) => {
        if (!isType(thrown, "file_not_found")) throw thrown;
      },
    );
    await ports.objects.remove(key);
  } catch (err) {
    log.warn({ err, file_id: id }, "what an upload left is removed later");
  }
}
