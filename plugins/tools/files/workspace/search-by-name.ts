// Finds files and folders by a glob for search_files.
import type { FileAccess } from "../../../../lib/files/boundary.ts";
import { Breath } from "./breath.ts";
import { globMatcher } from "./linear-patterns.ts";
import type { FileKind } from "./open-file.ts";
import { openTree } from "./open-tree.ts";
import type { WalkLimits } from "./walk-tree.ts";

export type NamesFound = {
  path: string;
  /** Real paths. */
  results: { path: string; type: FileKind }[];
  /** There may be more. */
  truncated: boolean;
  /** Folders that could not be opened. */
  unreadable: number;
};

/** @throws FileProblem `invalid_pattern`, and as `openTree` */
export async function searchByName(
  access: FileAccess & WalkLimits,
  path: string,
  pattern: string,
  maxResults: number,
): Promise<NamesFound> {
  const fits = globMatcher(pattern);
  await using tree = await openTree(access, path);
  const breath = new Breath(access.signal);
  const results: NamesFound["results"] = [];
  for await (const entry of tree.entries()) {
    if (breath.due) await breath.take();
    if (!fits(entry.relativePath)) continue;
    if (results.length >= maxResults) {
      tree.walk.truncated = true;
      break;
    }
    results.push({ path: entry.path, type: entry.kind });
  }
  return { path: tree.path, results, truncated: tree.walk.truncated, unreadable: tree.walk.unreadable };
}
