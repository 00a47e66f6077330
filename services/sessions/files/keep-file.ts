// An upload has come: what it is and what models can see of it is looked at once, and kept with it. So every prompt that it is in is the
// same, also after a crash, and a file that cannot be read is known to whoever sent it.
import { tmpdir } from "node:os";
import type { Readable } from "node:stream";
import type { z } from "zod";
import type { Caller } from "../../../contracts/access.ts";
import { type keepFileParams, MOST_FILE_BYTES, MOST_TEXT } from "../../../contracts/files.ts";
import { AppError } from "../../../lib/errors.ts";
import { withTemporaryFile } from "../../../lib/objects/temporary-file.ts";
import type { ObjectInfo } from "../../../lib/ports/objects.ts";
import type { ReadUpload } from "../../../plugins/files/read-upload.ts";
import { ownStaying, type Rooms } from "../rooms.ts";
import { type FileDocument, objectOf } from "./file-document.ts";
import { fileName } from "./file-name.ts";
import { noFile, ownFile } from "./own-file.ts";
import { clearFile } from "./remove-files.ts";

/** How long one may be looked at. */
const READ_MS = 20_000;
const HEAD_BYTES = 4_096;

/** @throws file_not_found, session_not_found, invalid_request for an empty one */
export async function keepFile(
  rooms: Rooms,
  caller: Caller,
  { id, name, session_id }: z.output<typeof keepFileParams>,
): Promise<FileDocument> {
  const coming = await ownFile(rooms, caller, id);
  // Asked again, because its answer was lost.
  if (coming.state === "kept") return coming;
  if (session_id) await ownStaying(rooms, caller, session_id);
  const object = await rooms.ports.objects.get(objectOf(id, "content"));
  if (!object) throw noFile(id);
  if (object.info.size === 0) {
    object.stream.destroy();
    throw new AppError("invalid_request", "The file is empty: it has no bytes.", {
      errors: [{ path: "file", message: "has no bytes" }],
    });
  }
  const read = await readInTurn(rooms, coming, object);
  const seen = await storeParts(rooms, coming, read);
  const kept = await rooms.files.compareAndSet(
    id,
    { state: "coming" },
    {
      $set: {
        state: "kept",
        session_id: session_id ?? null,
        name: fileName(name),
        ...{
          kind: read.kind,
          media_type: read.media_type,
          size: object.info.size,
          sha256: object.info.sha256,
        },
        ...seen,
      },
    },
  );
  if (kept) return kept;
  const now = await rooms.files.get(id);
  if (now?.state === "kept") return now;
  // It was removed meanwhile, or its user was.
  await clearFile(rooms, id);
  throw noFile(id);
}

/** One of a user at a time: whoever sends many that are slow to read keeps nobody else waiting. */
function readInTurn(
  rooms: Rooms,
  { user_id }: FileDocument,
  object: { info: ObjectInfo; stream: Readable },
): Promise<ReadUpload> {
  const before = rooms.reading.get(user_id);
  const read = () => readObject(object);
  const mine = before ? before.then(read, read) : read();
  rooms.reading.set(user_id, mine);
  return mine.finally(() => {
    if (rooms.reading.get(user_id) === mine) rooms.reading.delete(user_id);
  });
}

async function readObject({ stream }: { stream: Readable }): Promise<ReadUpload> {
  // Its code is loaded with the first file.
  const { readUpload } = await import("../../../plugins/files/read-upload.ts");
  const place = {
    folder: tmpdir(),
    offset: 0,
    mostBytes: MOST_FILE_BYTES,
    isNameless: true,
    failure: noRoom,
  };
  return withTemporaryFile(stream, place, async ({ file, size }) => {
    const head = Buffer.alloc(Math.min(HEAD_BYTES, size));
    await file.read(head, 0, head.length, 0);
    const limits = { signal: new AbortController().signal, deadlineAt: Date.now() + READ_MS };
    return readUpload({ head, descriptor: file.fd }, MOST_TEXT, limits);
  });
}

async function storeParts(
  { ports: { objects } }: Rooms,
  { _id: id }: FileDocument,
  { text, picture, problem: reason }: ReadUpload,
): Promise<Pick<FileDocument, "text" | "picture" | "problem">> {
  const problem = reason ?? null;
  if (text) {
    const { text: words, ...about } = text;
    await objects.put(objectOf(id, "text"), Buffer.from(words), { contentType: "text/plain; charset=utf-8" });
    return { text: { characters: words.length, ...about }, picture: null, problem };
  }
  if (!picture) return { text: null, picture: null, problem };
  const { bytes, ...about } = picture;
  await objects.put(objectOf(id, "picture"), bytes, { contentType: picture.media_type });
  return { text: null, picture: { ...about, bytes: bytes.length }, problem };
}

function noRoom(thrown: unknown): AppError {
  return new AppError(
    "store_unavailable",
    "The server cannot look into the file now: there is no room for temporary files. Try again.",
    { retryAfterMs: 5_000 },
    thrown,
  );
}
