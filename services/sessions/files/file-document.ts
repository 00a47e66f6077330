// What is kept of a file: a document, and up to three objects beside it (its bytes, what models read of it, the picture they see).
// The document comes before its objects and goes after them, so that nothing lies in the object store that nobody knows of.
import type { Attachment, File, FileKind } from "../../../contracts/files.ts";
import type { FileId, KeyId, SessionId, UserId } from "../../../contracts/ids.ts";
import { timeOf } from "../../../lib/ids.ts";
import type { CollectionSpec } from "../../../lib/ports/documents.ts";

export type FileDocument = {
  _id: FileId;
  user_id: UserId;
  /** The API key that sent it, if one did: without `sessions:read` that key sees no other. */
  key_id?: KeyId;
  /** `coming`: its bytes are on their way; `removed`: it is gone for everybody, and its objects go next. */
  state: "coming" | "kept" | "removed";
  /** 1 while it goes by itself: until a message uses it, and when it is removed. */
  loose: 1 | null;
  /** The session it belongs to: of the first message that used it, or as it was said when it came. */
  session_id: SessionId | null;
  name: string;
  media_type: string;
  kind: FileKind;
  /** In bytes; of one that is coming what it may have. */
  size: number;
  sha256: string;
  /** `characters`: in the object; `total`: of the whole, as far as they were counted. */
  text: { characters: number; total: number; is_whole: boolean; is_counted: boolean } | null;
  picture: { media_type: string; width: number; height: number; bytes: number } | null;
  problem: { code: string; message: string } | null;
  created_at: string;
};

export const FILES: CollectionSpec = {
  name: "files",
  indexes: [
    { name: "of_user", fields: ["user_id", "created_at"] },
    { name: "by_user", fields: ["user_id", "created_at"], only: { field: "state", is: "kept" } },
    {
      name: "by_session",
      fields: ["session_id", "created_at"],
      ...{ partialOn: "session_id", only: { field: "state", is: "kept" } },
    },
    { name: "loose", fields: ["loose", "created_at"], partialOn: "loose" },
  ],
};

/** All objects of files begin like this. */
export const FILE_OBJECTS = "files/";
export type Part = "content" | "text" | "picture";
export const PARTS: readonly Part[] = ["content", "text", "picture"];
export const objectOf = (id: FileId, part: Part) => `${FILE_OBJECTS}${id}/${part}`;

/** One that no message uses goes so long after it came. */
export const UNUSED_MS = 24 * 3_600_000;

export function fileView(file: FileDocument): File {
  const { _id, name, media_type, kind, size, sha256, session_id, text, picture, problem, created_at } = file;
  return {
    ...{ id: _id, name, media_type, kind, size, sha256, session_id },
    text: text && { characters: text.characters, truncated: !text.is_whole },
    picture: picture && { media_type: picture.media_type, width: picture.width, height: picture.height },
    problem,
    created_at,
    expires_at: file.loose ? new Date(timeOf(_id) + UNUSED_MS).toISOString() : null,
  };
}

export function attachmentOf({ _id, name, media_type, size }: FileDocument): Attachment {
  return { id: _id, name, media_type, size };
}
