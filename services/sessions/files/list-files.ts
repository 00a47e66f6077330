// A user's files, newest first, page by page; or those of one session.
import type { z } from "zod";
import type { Caller } from "../../../contracts/access.ts";
import type { File, listFilesParams } from "../../../contracts/files.ts";
import { decodeCursor, encodeCursor, placeOf } from "../../../lib/cursor.ts";
import { ownSession, type Rooms } from "../rooms.ts";
import { fileView } from "./file-document.ts";

/** @throws session_not_found; invalid_request when the cursor is none */
export async function listFiles(
  rooms: Rooms,
  caller: Caller,
  { session_id, limit, cursor }: z.output<typeof listFilesParams>,
): Promise<{ files: File[]; next_cursor: string | null }> {
  if (session_id) await ownSession(rooms, caller, session_id);
  const found = await rooms.files.list({
    index: session_id ? "by_session" : "by_user",
    equals: session_id ? { session_id } : { user_id: caller.user_id },
    order: "desc",
    limit: limit + 1,
    ...(cursor === undefined ? {} : { after: decodeCursor(cursor) }),
  });
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  return {
    files: shown.map(fileView),
    next_cursor: found.length > limit && last ? encodeCursor(placeOf(last)) : null,
  };
}
