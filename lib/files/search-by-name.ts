// Finds files and folders by a glob for search_files.
import type { FileAccess } from "./boundary.ts";
import { Breath } from "./breath.ts";
import { globMatcher } from "./linear-patterns.ts";
import type { FileKind } from "./open-file.ts";
import { openFolder } from "./open-place.ts";
import { TreeWalk, type WalkLimits } from "./walk-tree.ts";

export type NamesFound = {
  path: string;
  /** Real paths. */
  results: { path: string; type: FileKind }[];
  /** There may be more. */
  truncated: boolean;
  /** Folders that could not be opened. */
  unreadable: number;
};
const MAX_ENTRIES = 200_000;

/** @throws FileProblem `invalid_pattern`, and as `openFolder` */
export async function searchByName(
  access: FileAccess & WalkLimits,
  path: string,
  pattern: string,
  maxResults: number,
): Promise<NamesFound> {
  const fits = globMatcher(pattern);
  const { boundary, directory: top } = await openFolder(access, path);
  await using directory = top;
  const walk = new TreeWalk(boundary, {
    signal: access.signal,
    deadlineAt: access.deadlineAt,
    maxEntries: MAX_ENTRIES,
  });
  const breath = new Breath(access.signal);
  const results: NamesFound["results"] = [];
  for await (const entry of walk.entriesOf(directory)) {
    if (breath.due) await breath.take();
    if (!fits(entry.relativePath)) continue;
    if (results.length >= maxResults) {
      walk.truncated = true;
      break;
    }
    results.push({ path: entry.path, type: entry.kind });
  }
  return { path: directory.path, results, truncated: walk.truncated, unreadable: walk.unreadable };
}
