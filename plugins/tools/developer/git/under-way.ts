// What a repository is in the middle of, by the files that git keeps of it in its folder (as `git status` itself finds out).
import { access } from "node:fs/promises";
import { join } from "node:path";

/** The first that is there: a rebase picks commits, and a bisection may go on all the while. */
const SIGNS = [
  ["rebase-merge", "rebase"],
  ["rebase-apply/applying", "am"],
  ["rebase-apply", "rebase"],
  ["MERGE_HEAD", "merge"],
  ["CHERRY_PICK_HEAD", "cherry-pick"],
  ["REVERT_HEAD", "revert"],
  ["BISECT_LOG", "bisect"],
] as const;
export type UnderWay = (typeof SIGNS)[number][1];

/** @param gitFolder of the working tree. Null when nothing is. */
export async function underWay(gitFolder: string): Promise<UnderWay | null> {
  for (const [name, what] of SIGNS) {
    const isThere = await access(join(gitFolder, name)).then(
      () => true,
      () => false,
    );
    if (isThere) return what;
  }
  return null;
}
