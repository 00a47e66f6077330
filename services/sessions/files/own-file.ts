// Whose a file is: somebody else's, and one that is removed, is not there.
import type { Caller } from "../../../contracts/access.ts";
import type { FileId } from "../../../contracts/ids.ts";
import { maySee } from "../../../lib/broker/authorization.ts";
import { AppError } from "../../../lib/errors.ts";
import type { Rooms } from "../rooms.ts";
import type { FileDocument } from "./file-document.ts";

/** Also one that is still coming. @throws file_not_found */
export async function ownFile(rooms: Rooms, caller: Caller, id: FileId): Promise<FileDocument> {
  const file = await rooms.files.get(id);
  if (file?.user_id !== caller.user_id || file.state === "removed" || !maySee(caller, file)) throw noFile(id);
  return file;
}

/** @throws file_not_found */
export async function keptFile(rooms: Rooms, caller: Caller, id: FileId): Promise<FileDocument> {
  const file = await ownFile(rooms, caller, id);
  if (file.state !== "kept") throw noFile(id);
  return file;
}

export function noFile(id: string): AppError {
  return new AppError(
    "file_not_found",
    `You have no file "${id}". Files that no message uses go after 24 hours.`,
  );
}
