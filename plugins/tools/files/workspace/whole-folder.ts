// Makes a folder that is there with all that belongs into it, or not at all: it is filled under another name beside its place.
import { mkdir, rename } from "node:fs/promises";
import { FileProblem } from "../../../../lib/files/file-problem.ts";
import type { HeldDirectory } from "./held-directory.ts";
import type { Place } from "./open-place.ts";
import { removedOnFailure } from "./remove-tree.ts";
import { release, reserve } from "./reserve-name.ts";
import { temporaryName } from "./write-atomically.ts";

/**
 * @param fill puts into the new folder what belongs there; what it throws ends the making, and nothing is there
 * @throws FileProblem `exists` when the place is taken by then, and what `fill` throws
 */
export async function makeWhole<T>(place: Place, fill: (folder: HeldDirectory) => Promise<T>): Promise<T> {
  const { directory } = place;
  const temporary = temporaryName();
  await mkdir(directory.entry(temporary), 0o700);
  return await removedOnFailure(directory, temporary, async () => {
    let given: T;
    {
      await using folder = await directory.child(temporary);
      given = await fill(folder);
      await folder.handle.sync();
    }
    await directory.assertAllowed(place.boundary);
    await renameToFree(directory, temporary, place, true);
    await directory.handle.sync();
    return given;
  });
}

/** Renames to a place that nothing has. @throws FileProblem `exists` */
export async function renameToFree(
  from: HeldDirectory,
  name: string,
  { directory, name: target, path }: Place,
  isDirectory: boolean,
): Promise<void> {
  if (!(await reserve(directory, target, isDirectory)))
    throw new FileProblem("exists", `"${path}" exists already.`);
  try {
    await rename(from.entry(name), directory.entry(target));
  } catch (error: unknown) {
    await release(directory, target, isDirectory);
    throw error;
  }
}
