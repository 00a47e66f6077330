// Moves to another volume: what arrived whole is then removed where it was. Called by move-path.
import type { Stats } from "node:fs";
import { readlink, symlink } from "node:fs/promises";
import { FileProblem, systemCodeOf } from "../../../../lib/files/file-problem.ts";
import { isSame, statsOf } from "./between-places.ts";
import { copyData } from "./copy-data.ts";
import { type CopiedIdentities, copyTree, wasCopied } from "./copy-tree.ts";
import { kindOf, openInPlace } from "./open-file.ts";
import { openChild, type Place } from "./open-place.ts";
import { removeTree } from "./remove-tree.ts";
import type { WalkLimits } from "./walk-tree.ts";
import { makeWhole } from "./whole-folder.ts";
import { putInPlace } from "./write-atomically.ts";

export type MovedAcross = { across_volumes: true; left_behind?: string };

/**
 * Whatever was written meanwhile stays where it was.
 * @throws FileProblem `other_volume` for what cannot be copied whole, and as `copyPath`; then all is where it was
 */
export async function moveAcross(
  limits: WalkLimits,
  source: Place,
  target: Place,
  overwrite: boolean,
): Promise<MovedAcross> {
  const { signal, deadlineAt } = limits;
  const stats = statsOf(source);
  if (stats.isDirectory()) return moveFolder({ signal, deadlineAt }, source, target);
  if (stats.isSymbolicLink()) {
    if (target.stats)
      throw new FileProblem("exists", `"${target.path}" exists already; a link replaces nothing.`);
    await symlink(await readlink(source.directory.entry(source.name)), target.directory.entry(target.name));
  } else if (stats.isFile()) {
    await using file = await openInPlace(source);
    await putInPlace(target, { overwrite }, (temporary) =>
      copyData(file, target.directory, temporary, signal),
    );
  } else
    throw new FileProblem(
      "other_volume",
      `"${source.path}" is a ${kindOf(stats)}, which cannot go to another volume.`,
    );
  return removed(
    source,
    (now) => isSame(now, stats) && now.mtimeMs === stats.mtimeMs && now.size === stats.size,
  );
}

/** All has arrived by now, so what cannot be removed is told and is no failure. */
async function removed(source: Place, only: (stats: Stats) => boolean): Promise<MovedAcross> {
  const isGone = await removeTree(source.directory, source.name, only).catch((error: unknown) => {
    if (systemCodeOf(error) === undefined) throw error;
    return false;
  });
  return { across_volumes: true, ...(isGone ? {} : { left_behind: source.path }) };
}

async function moveFolder(limits: WalkLimits, source: Place, target: Place): Promise<MovedAcross> {
  const identities: CopiedIdentities = new Map();
  {
    await using directory = await openChild(source.boundary, source.directory, source.name);
    await makeWhole(target, async (folder) => {
      const { left_out } = await copyTree(
        { boundary: source.boundary, directory },
        folder,
        limits,
        identities,
      );
      const [first] = left_out;
      if (first)
        throw new FileProblem(
          "other_volume",
          `"${source.path}" cannot go to another volume whole: "${first.path}" cannot be copied (${first.why}). Nothing was moved.`,
        );
      await folder.handle.chmod(directory.stats.mode & 0o777);
      await folder.handle.utimes(directory.stats.atime, directory.stats.mtime);
    });
  }
  return removed(source, (stats) => wasCopied(identities, stats));
}
