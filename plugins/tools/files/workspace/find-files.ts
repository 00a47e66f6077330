// Finds files and folders by name, type, size, age and depth for find_advanced.
import type { FileAccess } from "../../../../lib/files/boundary.ts";
import { Breath } from "./breath.ts";
import { globMatcher } from "./linear-patterns.ts";
import type { FileKind } from "./open-file.ts";
import { openTree } from "./open-tree.ts";
import type { Entry, WalkLimits } from "./walk-tree.ts";

export type FindRequest = {
  namePattern: string | undefined;
  fileType: FileKind | undefined;
  /** Bytes, of files only. */
  minSize: number | undefined;
  maxSize: number | undefined;
  /** Milliseconds before now. */
  modifiedWithinMs: number | undefined;
  /** 1 is the folder itself. */
  maxDepth: number | undefined;
  maxResults: number;
};
type Found = {
  path: string;
  type: FileKind;
  size: number;
  /** ISO 8601. */
  modified: string;
};
export type FilesFound = {
  directory: string;
  results: Found[];
  /** There may be more. */
  truncated: boolean;
  /** Folders that could not be opened. */
  unreadable: number;
};

/** @throws FileProblem `invalid_pattern`, and as `openTree` */
export async function findFiles(
  access: FileAccess & WalkLimits,
  directory: string,
  request: FindRequest,
): Promise<FilesFound> {
  const named = request.namePattern === undefined ? () => true : globMatcher(request.namePattern);
  const newest = request.modifiedWithinMs === undefined ? undefined : Date.now() - request.modifiedWithinMs;
  const maxDepth = request.maxDepth ?? Number.POSITIVE_INFINITY;
  await using tree = await openTree(access, directory, (folder) => depthOf(folder) < maxDepth);
  const breath = new Breath(access.signal);
  const results: Found[] = [];
  for await (const entry of tree.entries()) {
    if (breath.due) await breath.take();
    if (request.fileType !== undefined && entry.kind !== request.fileType) continue;
    if (!named(entry.relativePath)) continue;
    const found = await measured(entry, request, newest);
    if (!found) continue;
    if (results.length >= request.maxResults) {
      tree.walk.truncated = true;
      break;
    }
    results.push(found);
  }
  const { truncated, unreadable } = tree.walk;
  return { directory: tree.path, results, truncated, unreadable };
}

const depthOf = ({ relativePath }: Entry) => relativePath.split("/").length;

/** Undefined for what is gone, or has another size or age. */
async function measured(
  { directory, name, kind, path }: Entry,
  { minSize, maxSize }: FindRequest,
  newest: number | undefined,
): Promise<Found | undefined> {
  const stats = await directory.look(name);
  if (!stats || (newest !== undefined && stats.mtimeMs < newest)) return undefined;
  const isSized = minSize !== undefined || maxSize !== undefined;
  if (
    isSized &&
    (kind !== "file" || stats.size < (minSize ?? 0) || stats.size > (maxSize ?? Number.MAX_SAFE_INTEGER))
  )
    return undefined;
  return { path, type: kind, size: stats.size, modified: stats.mtime.toISOString() };
}
