// Lists a folder for list_directory.
import type { FileAccess } from "./boundary.ts";
import { type FileKind, kindOf } from "./open-file.ts";
import { openFolder } from "./open-place.ts";
import { isUnnameable, TreeWalk, type WalkLimits } from "./walk-tree.ts";

type Listed = {
  /** Below the folder that is listed. */
  path: string;
  type: FileKind;
  /** In bytes; null for a name that is not UTF-8, which no path reaches. */
  size: number | null;
  /** ISO 8601; null likewise. */
  modified: string | null;
};
export type Listing = {
  path: string;
  entries: Listed[];
  /** There is more than `limit`, or than can be looked at. */
  truncated: boolean;
  /** Folders that could not be opened. */
  unreadable: number;
};
const MAX_ENTRIES = 200_000;

/** The entries of the folder, by name. @throws FileProblem as `openFolder` */
export async function listFolder(
  access: FileAccess & WalkLimits,
  path: string,
  options: { recursive: boolean; limit: number },
): Promise<Listing> {
  const { boundary, directory: top } = await openFolder(access, path);
  await using directory = top;
  const walk = new TreeWalk(boundary, {
    signal: access.signal,
    deadlineAt: access.deadlineAt,
    maxEntries: MAX_ENTRIES,
    enters: () => options.recursive,
  });
  const entries: Listed[] = [];
  for await (const entry of walk.entriesOf(directory)) {
    if (entries.length >= options.limit) {
      walk.truncated = true;
      break;
    }
    const stats = await entry.directory.look(entry.name);
    if (!stats && !isUnnameable(entry.name)) continue;
    entries.push({
      path: entry.relativePath,
      type: stats ? kindOf(stats) : entry.kind,
      size: stats?.size ?? null,
      modified: stats?.mtime.toISOString() ?? null,
    });
  }
  return { path: directory.path, entries, truncated: walk.truncated, unreadable: walk.unreadable };
}
