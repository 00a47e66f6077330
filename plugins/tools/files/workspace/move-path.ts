// Moves or renames a file, a link or a folder for move_file: by one rename, or by a copy where it goes to another volume.
import { rename } from "node:fs/promises";
import type { FileAccess } from "../../../../lib/files/boundary.ts";
import { FileProblem, systemCodeOf } from "../../../../lib/files/file-problem.ts";
import { foldedName } from "../../../../lib/files/path-names.ts";
import { assertNoFolder, assertNothingStarts, assertNotInItself, isSame, statsOf } from "./between-places.ts";
import { moveAcross } from "./move-across.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { type FileKind, kindOf } from "./open-file.ts";
import { openPlace, type Place } from "./open-place.ts";
import type { WalkLimits } from "./walk-tree.ts";
import { renameToFree } from "./whole-folder.ts";
import { openReplaceable } from "./write-atomically.ts";

export type Moved = {
  path: string;
  moved_to: string;
  type: FileKind;
  /** A file that was there before is gone. */
  replaced: boolean;
  /** It was copied to another volume and then removed. */
  across_volumes?: true;
  /** What was written meanwhile or cannot be removed, and so is still there. */
  left_behind?: string;
};

/**
 * Moves what `from` names, a link itself, to exactly the place that `to` names.
 * @throws FileProblem `exists`, `not_found`, `not_allowed`, `invalid_path` (into itself), `other_volume`, `changed` …; nothing has
 * moved then
 */
export async function movePath(
  access: FileAccess & WalkLimits,
  from: string,
  to: string,
  overwrite: boolean,
): Promise<Moved> {
  const source = await openPlace(access, from, { purpose: "change", followLast: false });
  await using _from = source.directory;
  const target = await openPlace(access, to, { purpose: "change", followLast: false });
  await using _to = target.directory;
  source.boundary.assertMovable(source.path);
  const [first = "", second] = [...new Set([source.path, target.path])].toSorted();
  const move = () => moveBetween(access, source, target, overwrite);
  return await oneAtATime(first, second === undefined ? move : () => oneAtATime(second, move));
}

async function moveBetween(
  access: FileAccess & WalkLimits,
  given: Place,
  place: Place,
  overwrite: boolean,
): Promise<Moved> {
  // An earlier call may have changed both.
  const source = { ...given, stats: await given.directory.look(given.name) };
  const target = { ...place, stats: await place.directory.look(place.name) };
  const stats = statsOf(source);
  const moved = { path: source.path, moved_to: target.path, type: kindOf(stats), replaced: false };
  if (target.stats && isSame(stats, target.stats)) {
    await respell(source, target);
    return moved;
  }
  assertNoFolder(target, source.name);
  if (stats.isDirectory()) await assertFolderMoves(access, source, target);
  await using old = target.stats && (await openReplaceable(target, target.stats, { overwrite }));
  await source.directory.assertAllowed(source.boundary);
  await target.directory.assertAllowed(target.boundary);
  try {
    if (old) await rename(source.directory.entry(source.name), target.directory.entry(target.name));
    else await renameToFree(source.directory, source.name, target, stats.isDirectory());
    return { ...moved, replaced: old !== undefined };
  } catch (error: unknown) {
    if (systemCodeOf(error) !== "EXDEV") throw error;
    return {
      ...moved,
      replaced: old !== undefined,
      ...(await moveAcross(access, source, target, overwrite)),
    };
  }
}

async function assertFolderMoves({ home }: FileAccess, source: Place, target: Place): Promise<void> {
  if (target.stats)
    throw new FileProblem("exists", `"${target.path}" exists already; a folder replaces nothing.`);
  for (const { path } of [source, target]) assertNothingStarts(path, home);
  await assertNotInItself(statsOf(source), source, target);
}

/** Another spelling of the same name, where the volume takes both for one: `readme` → `README`. */
async function respell(source: Place, target: Place): Promise<void> {
  const isOneEntry =
    isSame(source.directory.stats, target.directory.stats) &&
    source.name !== target.name &&
    foldedName(source.name) === foldedName(target.name) &&
    (statsOf(source).isDirectory() || statsOf(source).nlink === 1);
  if (!isOneEntry)
    throw new FileProblem(
      "exists",
      `"${source.path}" and "${target.path}" are the same already; nothing was moved.`,
    );
  await source.directory.assertAllowed(source.boundary);
  await rename(source.directory.entry(source.name), target.directory.entry(target.name));
}
