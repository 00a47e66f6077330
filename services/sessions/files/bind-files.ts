// Files that come with a message: each belongs to the session of the first one that used it, and to no other from then on.
import type { Caller } from "../../../contracts/access.ts";
import type { Attachment, SeenFile } from "../../../contracts/files.ts";
import type { FileId, SessionId } from "../../../contracts/ids.ts";
import { AppError } from "../../../lib/errors.ts";
import type { Rooms } from "../rooms.ts";
import { attachmentOf, type FileDocument, objectOf } from "./file-document.ts";
import { keptFile } from "./own-file.ts";

/**
 * Whether they can come with a message of the session; nothing is changed.
 * @param session undefined for one that its message is going to make
 * @throws file_not_found; invalid_request for one of another session
 */
export async function attachable(
  rooms: Rooms,
  caller: Caller,
  ids: FileId[],
  session: SessionId | undefined,
): Promise<Attachment[]> {
  const files = await Promise.all(ids.map((id) => keptFile(rooms, caller, id)));
  for (const [index, file] of files.entries())
    if (!(await isFree(rooms, file, session)))
      throw new AppError(
        "invalid_request",
        `The file "${file._id}" belongs to another session. Upload it again for this one.`,
        { errors: [{ path: `files.${index}`, message: "belongs to another session" }] },
      );
  return files.map(attachmentOf);
}

/** A session that is not there, because its run was refused, has none. */
async function isFree(
  rooms: Rooms,
  { session_id }: FileDocument,
  wanted: SessionId | undefined,
): Promise<boolean> {
  return session_id === null || session_id === wanted || (await rooms.sessions.get(session_id)) === null;
}

/**
 * They belong to the session now, and stay with it. Safe to repeat. One that is gone by now, or somebody else's, is left: its message
 * says that there was one, and the model is told that it is not there any more.
 */
export async function bindFiles(
  rooms: Rooms,
  { user_id }: Caller,
  attachments: readonly Attachment[],
  session: SessionId,
): Promise<void> {
  for (const { id } of attachments) {
    const file = await rooms.files.get(id);
    if (file?.user_id !== user_id || !(await isFree(rooms, file, session))) continue;
    const expected = { user_id, state: "kept", session_id: file.session_id };
    await rooms.files.compareAndSet(id, expected, { $set: { session_id: session, loose: null } });
  }
}

/** The message was refused: as if they had not been used. */
export async function unbindFiles(
  rooms: Rooms,
  attachments: readonly Attachment[],
  session: SessionId,
): Promise<void> {
  if (await rooms.sessions.get(session)) return;
  for (const { id } of attachments)
    await rooms.files.compareAndSet(id, { session_id: session }, { $set: { session_id: null, loose: 1 } });
}

/** What models may see of those that belong to the session; the others are not there. */
export async function seenFiles(
  rooms: Rooms,
  { user_id }: Caller,
  ids: FileId[],
  session: SessionId,
): Promise<SeenFile[]> {
  const files = await Promise.all([...new Set(ids)].map((id) => rooms.files.get(id)));
  return files
    .filter((file) => file !== null)
    .filter((file) => file.user_id === user_id && file.session_id === session && file.state === "kept")
    .map(({ _id: id, kind, text, picture, problem }) => ({
      ...{ id, kind },
      text: text && { key: objectOf(id, "text"), ...text },
      picture: picture && {
        ...{ key: objectOf(id, "picture"), media_type: picture.media_type, bytes: picture.bytes },
      },
      problem: problem?.message ?? null,
    }));
}
