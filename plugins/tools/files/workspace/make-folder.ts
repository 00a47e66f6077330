// Makes a folder for make_directory, each one on the way through the one above that is held open.
import { mkdir } from "node:fs/promises";
import type { FileAccess } from "../../../../lib/files/boundary.ts";
import { FileProblem, isProblem, systemCodeOf } from "../../../../lib/files/file-problem.ts";
import { openFolder, openPlace } from "./open-place.ts";

export type MadeFolder = { path: string; created: boolean };

/**
 * Makes the folder. With `parents` also those above it, and one that is there already is fine.
 * @throws FileProblem `exists`, `not_found` (the folder above), `not_allowed`, `not_a_directory`, `permission_denied` …
 */
export async function makeFolder(access: FileAccess, path: string, parents: boolean): Promise<MadeFolder> {
  if (parents) {
    const there = await existingFolder(access, path);
    if (there !== undefined) return { path: there, created: false };
  }
  const place = await openPlace(access, path, {
    purpose: "change",
    followLast: true,
    makeParents: parents,
  });
  await using directory = place.directory;
  try {
    await mkdir(directory.entry(place.name));
    return { path: place.path, created: true };
  } catch (error: unknown) {
    if (systemCodeOf(error) !== "EEXIST") throw error;
    const isFolder = (await directory.look(place.name))?.isDirectory() === true;
    if (isFolder && parents) return { path: place.path, created: false };
    throw new FileProblem(
      "exists",
      `"${place.path}" exists already${isFolder ? "" : " and is no directory"}.`,
    );
  }
}

async function existingFolder(access: FileAccess, path: string): Promise<string | undefined> {
  try {
    await using directory = (await openFolder(access, path)).directory;
    return directory.path;
  } catch (error: unknown) {
    if (isProblem(error, "not_found")) return undefined;
    throw error;
  }
}
