// Removes what a tool has made, or copied to another volume, with all that is in it: through held folders, so that a link that is
// put there meanwhile is removed and not followed.
import type { Stats } from "node:fs";
import { opendir, rmdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { toError } from "../../../../lib/errors.ts";
import { FileProblem, problemOf, systemCodeOf } from "../../../../lib/files/file-problem.ts";
import type { HeldDirectory } from "./held-directory.ts";

/**
 * Removes the entry; fine when there is none.
 * @param only which of the files and links; all unless given. Folders go when nothing is left in them
 * @returns whether all of it is gone
 * @throws a system error where something cannot be removed; the rest is then still there
 */
export async function removeTree(
  directory: HeldDirectory,
  name: string,
  only: (stats: Stats) => boolean = () => true,
): Promise<boolean> {
  const stats = await directory.look(name);
  if (!stats) return true;
  if (!stats.isDirectory()) {
    if (!only(stats)) return false;
    await unlessGone(unlink(directory.entry(name)));
    return true;
  }
  if (!(await isEmptied(directory, name, only))) return false;
  await unlessGone(rmdir(directory.entry(name)));
  return true;
}

async function isEmptied(
  directory: HeldDirectory,
  name: string,
  only: (stats: Stats) => boolean,
): Promise<boolean> {
  await using child = await directory.child(name);
  // Folders that were copied keep their modes, and some may not be written.
  if ((child.stats.mode & 0o700) !== 0o700) await child.handle.chmod(0o700);
  let isEmpty = true;
  for await (const entry of await opendir(child.self(), { bufferSize: 256 }))
    isEmpty = (await removeTree(child, entry.name, only)) && isEmpty;
  return isEmpty;
}

async function unlessGone(removed: Promise<void>): Promise<void> {
  try {
    await removed;
  } catch (error: unknown) {
    if (systemCodeOf(error) !== "ENOENT") throw error;
  }
}

/** Gives what the work gives; when it fails, what it made under this name is removed, or the failure says that it is left. */
export async function removedOnFailure<T>(
  directory: HeldDirectory,
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error: unknown) {
    const isGone = await removeTree(directory, name).catch((failure: unknown) => {
      if (systemCodeOf(failure) === undefined) throw failure;
      return false;
    });
    if (isGone) throw error;
    const path = join(directory.path, name);
    const problem = problemOf(error, path);
    const words = problem?.message ?? toError(error).message;
    throw new FileProblem(
      problem?.code ?? "failed",
      `${words} A part is left in "${path}" and could not be removed; it can be deleted.`,
    );
  }
}
