// The bytes of an upload as they come: never more than a file may have, and a body that breaks off is no file.
import type { IncomingMessage } from "node:http";
import { MOST_FILE_BYTES } from "../../../contracts/files.ts";
import { AppError } from "../../../lib/errors.ts";

/** Takes the bytes of the one file. */
export type Store = (bytes: AsyncIterable<Uint8Array>) => Promise<unknown>;

export function fileTooLarge(): AppError {
  return new AppError("body_too_large", `A file may have at most ${MOST_FILE_BYTES / 1_048_576} MB.`);
}

export function brokenOff(): AppError {
  return new AppError("bad_request", "The upload broke off: nothing of it is kept. Send it again.");
}

/** The body of the request; its connection stays, so that a refusal can be read. @throws bad_request when it breaks off */
export async function* piecesOf(request: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    yield* request.iterator({ destroyOnReturn: false });
  } catch {
    throw brokenOff();
  }
  if (!request.complete) throw brokenOff();
}

/** @throws body_too_large with the first byte that is too much */
export async function* bounded(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const piece of pieces) {
    size += piece.length;
    if (size > MOST_FILE_BYTES) throw fileTooLarge();
    yield piece;
  }
}
