// An upload begins: a document of it, before its first byte is stored, so that what breaks off is found and removed.
import type { Caller } from "../../../contracts/access.ts";
import { MOST_FILE_BYTES } from "../../../contracts/files.ts";
import type { FileId, UserId } from "../../../contracts/ids.ts";
import { AppError } from "../../../lib/errors.ts";
import { newId } from "../../../lib/ids.ts";
import { inLine, type Rooms } from "../rooms.ts";
import { type FileDocument, objectOf } from "./file-document.ts";

/** Files of one user that may be on their way at once; as many may wait for a reader that is slow. */
const MOST_COMING = 20;
const AT_ONCE = 500;

/** @param size what it may have, in bytes. @throws file_limit */
export async function beginFile(
  rooms: Rooms,
  caller: Caller,
  size = MOST_FILE_BYTES,
): Promise<{ id: FileId; key: string }> {
  const id = newId<FileId>("file");
  const document: FileDocument = {
    _id: id,
    user_id: caller.user_id,
    ...(caller.key_id ? { key_id: caller.key_id } : {}),
    state: "coming",
    loose: 1,
    session_id: null,
    ...{ name: "", media_type: "application/octet-stream", kind: "other", size, sha256: "" },
    ...{ text: null, picture: null, problem: null },
    created_at: new Date().toISOString(),
  };
  await inLine(rooms, lineOf(caller.user_id), async () => {
    await requireRoom(rooms, caller.user_id, size);
    await rooms.files.insert(document);
  });
  return { id, key: objectOf(id, "content") };
}

/** One after the other for a user. In a cluster each process has its line: what is sent to several at once may go over the limit by that. */
export const lineOf = (user: UserId) => `files of ${user}`;

/** @throws file_limit */
export async function requireRoom(rooms: Rooms, user_id: UserId, size: number): Promise<void> {
  const { count, bytes, coming } = await heldBy(rooms, user_id);
  const { files: most, bytes: mostBytes } = rooms.limits;
  if (coming >= MOST_COMING)
    throw limit(`${coming} files of yours are on their way. Wait for their end before you send more.`);
  if (count >= most)
    throw limit(
      `You have ${count} files, and ${most} are allowed. Delete files, or sessions with files, first.`,
    );
  if (bytes + size > mostBytes)
    throw limit(
      `Your files have ${inMb(bytes)} MB, and ${inMb(mostBytes)} MB are allowed. Delete files, or sessions with files, first.`,
    );
}

const limit = (words: string) => new AppError("file_limit", words);
const inMb = (bytes: number) => Math.ceil(bytes / 1_048_576);

/** All that takes room, also what is coming. */
async function heldBy({ files }: Rooms, user_id: UserId) {
  let [count, bytes, coming] = [0, 0, 0];
  let after: { value: string; id: string } | undefined;
  for (;;) {
    const page = await files.list({
      ...{ index: "of_user", equals: { user_id }, limit: AT_ONCE },
      ...(after ? { after } : {}),
    });
    for (const { state, size } of page) {
      if (state === "removed") continue;
      count += 1;
      bytes += size;
      if (state === "coming") coming += 1;
    }
    const last = page.at(-1);
    if (!last || page.length < AT_ONCE) return { count, bytes, coming };
    after = { value: last.created_at, id: last._id };
  }
}
