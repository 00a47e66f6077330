// What must hold between two places before something is copied or moved from one to the other.
import type { Stats } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FileProblem } from "../../../../lib/files/file-problem.ts";
import { foldedName, isInside } from "../../../../lib/files/path-names.ts";
import { autostartPaths } from "../../../../lib/tools/self-starting.ts";
import type { Place } from "./open-place.ts";

export const isSame = (one: Stats, other: Stats) => one.dev === other.dev && one.ino === other.ino;

/** @throws FileProblem `not_found` */
export function statsOf({ stats, path }: Place): Stats {
  if (stats) return stats;
  throw new FileProblem("not_found", `"${path}" does not exist.`);
}

/** @throws FileProblem `exists` when a folder is there: it is neither replaced nor filled */
export function assertNoFolder({ stats, path }: Place, name: string): void {
  if (!stats?.isDirectory()) return;
  throw new FileProblem(
    "exists",
    `"${path}" is a folder that is there already. Name the new file or folder itself, e.g. "${join(path, name)}".`,
  );
}

/** @throws FileProblem `invalid_path` when the target lies in the folder, by whatever name */
export async function assertNotInItself(folder: Stats, from: Place, to: Place): Promise<void> {
  for (let above = to.directory.path; ; above = dirname(above)) {
    if (isSame(await stat(above), folder))
      throw new FileProblem(
        "invalid_path",
        `"${to.path}" lies in "${from.path}" itself; choose another place.`,
      );
    if (above === dirname(above)) return;
  }
}

/**
 * A folder brings all that is in it, and of that nobody was asked: so it neither becomes nor leaves one that has places in it
 * whose files run by themselves.
 * @throws FileProblem `not_allowed`
 */
export function assertNothingStarts(path: string, home: string): void {
  const folded = foldedName(path);
  if (!autostartPaths(home).some((place) => isInside(folded, foldedName(place)))) return;
  throw new FileProblem(
    "not_allowed",
    `"${path}" is a folder with places in it whose files run by themselves; take what is in it one by one.`,
  );
}
