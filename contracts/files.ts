// Files that users attach to messages; parameters of the `sessions` actions for them (docs/files.md).
import { z } from "zod";
import type * as answers from "./answers/files.ts";
import { fileId, sessionId } from "./ids.ts";
import { wholeNumber } from "./whole-number.ts";

/** Of one file. */
export const MOST_FILE_BYTES = 10 * 1024 * 1024;
/** Of one message. */
export const MOST_ATTACHED = 10;
/** Characters of a file's text that models may read. */
export const MOST_TEXT = 200_000;

export type File = answers.File;
/** What a file is to the agent: a picture, a document with text, a text, or something it cannot look into. */
export type FileKind = File["kind"];

/** What a message says of a file that came with it; the file itself may be gone. */
export const attachment = z.strictObject({
  id: fileId,
  name: z.string(),
  media_type: z.string(),
  size: z.int(),
});
export type Attachment = z.infer<typeof attachment>;

/** `name` as the client calls it; anything: what of it is kept is decided by services/sessions/files/file-name.ts. */
const fileName = z.string().max(4_000);

export const fileParams = z.strictObject({ id: fileId });
/** Newest first; `session_id`: those that belong to that session. */
export const listFilesParams = z.strictObject({
  session_id: sessionId.optional(),
  limit: wholeNumber(1, 100, 50),
  cursor: z.string().max(200).optional(),
});
/** What `POST /files` may say behind its path. */
export const uploadQuery = z.strictObject({ name: fileName.optional(), session_id: sessionId.optional() });
/** `size`: of what is about to come, as far as that is known. */
export const beginFileParams = z.strictObject({ size: z.int().min(0).max(MOST_FILE_BYTES).optional() });
/** The bytes are in the object store: what they are is looked at now. */
export const keepFileParams = z.strictObject({
  id: fileId,
  name: fileName.optional(),
  session_id: sessionId.optional(),
});
export const attachedIds = z
  .array(fileId)
  .max(MOST_ATTACHED)
  .refine((ids) => new Set(ids).size === ids.length, "names a file twice");

// What the agent asks.
/** Files that a message is going to have. `session_id`: of the message, unless it makes its own. */
export const attachParams = z.strictObject({ ids: attachedIds.min(1), session_id: sessionId.optional() });
/** What models may see of files of a session. */
export const seenFilesParams = z.strictObject({
  ids: z.array(fileId).min(1).max(200),
  session_id: sessionId,
});

/** What can be told a model of a file: where its text and its picture are, among the objects. */
export type SeenFile = {
  id: string;
  kind: FileKind;
  /** `is_whole`: the object has all of the text; `total`: characters of all of it, at least that many unless `is_counted`. */
  text: { key: string; characters: number; total: number; is_whole: boolean; is_counted: boolean } | null;
  picture: { key: string; media_type: string; bytes: number } | null;
  /** Why there is no text or picture of it. */
  problem: string | null;
};
