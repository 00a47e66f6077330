// Opens a folder to walk through everything below it: what list_directory, search_files and grep_recursive begin with.
import type { Boundary, FileAccess } from "../../../../lib/files/boundary.ts";
import { openFolder } from "./open-place.ts";
import { type Entry, TreeWalk, type WalkLimits, type WalkOptions } from "./walk-tree.ts";

const MAX_ENTRIES = 200_000;

/** The folder is held open until the tree is disposed of. */
export type Tree = AsyncDisposable & {
  /** Real path of the folder. */
  path: string;
  boundary: Boundary;
  walk: TreeWalk;
  entries(): AsyncGenerator<Entry>;
};

/**
 * @param enters whether to go below a folder; below all of them unless given
 * @throws FileProblem as `openFolder`
 */
export async function openTree(
  access: FileAccess & WalkLimits,
  path: string,
  enters?: WalkOptions["enters"],
): Promise<Tree> {
  const { boundary, directory } = await openFolder(access, path);
  const { signal, deadlineAt } = access;
  const walk = new TreeWalk(boundary, {
    ...{ signal, deadlineAt, maxEntries: MAX_ENTRIES },
    ...(enters ? { enters } : {}),
  });
  return {
    path: directory.path,
    boundary,
    walk,
    entries: () => walk.entriesOf(directory),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}
