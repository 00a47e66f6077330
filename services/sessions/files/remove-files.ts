// Files go: first they are gone for everybody, which is one write, then their objects, then what is known of them. What is cut off in
// between the sweep finds by its mark.
import type { FileId, SessionId, UserId } from "../../../contracts/ids.ts";
import type { Condition } from "../../../lib/ports/documents.ts";
import type { Rooms } from "../rooms.ts";
import { type FileDocument, objectOf, PARTS, UNUSED_MS } from "./file-document.ts";

const AT_ONCE = 100;
/** An upload takes minutes; what has been coming for longer is not coming any more. */
const COMING_MS = 3_600_000;

type Files = Pick<Rooms, "files">;

/** From here on it is not there. Safe to repeat. @returns whether there is something to clear */
export async function markRemoved({ files }: Files, id: FileId, expected: Condition = {}): Promise<boolean> {
  const gone = { $set: { state: "removed", loose: 1, session_id: null } };
  return (await files.compareAndSet(id, expected, gone)) !== null;
}

/** Its objects, then its document. Safe to repeat. */
export async function clearFile({ files, ports }: Pick<Rooms, "files" | "ports">, id: FileId): Promise<void> {
  for (const part of PARTS) await ports.objects.remove(objectOf(id, part));
  await files.remove(id);
}

/** Within the moment in which a session goes: objects are no part of a moment, the sweep clears them behind it. Safe to repeat. */
export async function markFilesOfSession(rooms: Files, session_id: SessionId): Promise<number> {
  let marked = 0;
  for (;;) {
    const page = await rooms.files.list({ index: "by_session", equals: { session_id }, limit: AT_ONCE });
    for (const { _id } of page) await markRemoved(rooms, _id);
    marked += page.length;
    if (page.length < AT_ONCE) return marked;
  }
}

/** Safe to repeat. The user's runs have ended before. */
export async function removeFilesOf(rooms: Rooms, user_id: UserId): Promise<void> {
  for (;;) {
    const page = await rooms.files.list({ index: "of_user", equals: { user_id }, limit: AT_ONCE });
    for (const { _id } of page) {
      await markRemoved(rooms, _id);
      await clearFile(rooms, _id);
    }
    if (page.length < AT_ONCE) return;
  }
}

/**
 * Clears what was removed, what broke off while it came, and what no message has used for a day. Safe to repeat, also in several
 * processes at once.
 * @returns how many went
 */
export async function sweepFiles(rooms: Pick<Rooms, "files" | "ports">, nowMs: number): Promise<number> {
  let cleared = 0;
  let after: { value: string; id: string } | undefined;
  for (;;) {
    const page = await rooms.files.list({
      ...{ index: "loose", equals: { loose: 1 }, limit: AT_ONCE },
      ...(after ? { after } : {}),
    });
    for (const file of page) {
      if (!isOver(file, nowMs)) continue;
      // A message may use it in this moment: then it stays.
      if (file.state !== "removed" && !(await markRemoved(rooms, file._id, { loose: 1, state: file.state })))
        continue;
      await clearFile(rooms, file._id);
      cleared += 1;
    }
    const last = page.at(-1);
    if (!last || page.length < AT_ONCE) return cleared;
    after = { value: last.created_at, id: last._id };
  }
}

function isOver({ state, created_at }: FileDocument, nowMs: number): boolean {
  if (state === "removed") return true;
  return nowMs - Date.parse(created_at) > (state === "coming" ? COMING_MS : UNUSED_MS);
}
