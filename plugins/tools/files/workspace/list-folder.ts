// Lists a folder for list_directory.
import type { FileAccess } from "../../../../lib/files/boundary.ts";
import { type FileKind, kindOf } from "./open-file.ts";
import { openTree } from "./open-tree.ts";
import { isUnnameable, type WalkLimits } from "./walk-tree.ts";

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

/** The entries of the folder, by name. @throws FileProblem as `openTree` */
export async function listFolder(
  access: FileAccess & WalkLimits,
  path: string,
  options: { recursive: boolean; limit: number },
): Promise<Listing> {
  await using tree = await openTree(access, path, () => options.recursive);
  const entries: Listed[] = [];
  for await (const entry of tree.entries()) {
    if (entries.length >= options.limit) {
      tree.walk.truncated = true;
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
  return { path: tree.path, entries, truncated: tree.walk.truncated, unreadable: tree.walk.unreadable };
}
