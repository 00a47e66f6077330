// Moves what was extracted into a folder that has something in it already: nothing there is replaced.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Boundary } from "../../../../lib/files/boundary.ts";
import { FileProblem } from "../../../../lib/files/file-problem.ts";
import type { HeldDirectory } from "../workspace/held-directory.ts";
import { openChild } from "../workspace/open-place.ts";
import { renameToFree } from "../workspace/whole-folder.ts";

/** @throws FileProblem `exists` when one of the names is taken by something that is no folder on both sides; nothing was moved */
export async function assertMergeable(
  from: HeldDirectory,
  to: HeldDirectory,
  boundary: Boundary,
): Promise<void> {
  for (const name of await readdir(from.self())) {
    const [one, other] = [await from.look(name), await to.look(name)];
    if (!other) continue;
    const path = join(to.path, name);
    if (!one?.isDirectory() || !other.isDirectory())
      throw new FileProblem(
        "exists",
        `"${path}" exists already, and nothing is replaced: choose another folder. Nothing was extracted.`,
      );
    await using below = await from.child(name);
    await using there = await openChild(boundary, to, name);
    await assertMergeable(below, there, boundary);
  }
}

/**
 * Whatever was moved before a failure is in its place, whole.
 * @param moved gets the paths that are in their places
 * @throws FileProblem `exists` for what has come there meanwhile
 */
export async function mergeFolder(
  from: HeldDirectory,
  to: HeldDirectory,
  boundary: Boundary,
  moved: string[],
): Promise<void> {
  await to.assertAllowed(boundary);
  for (const name of await readdir(from.self())) {
    const [one, other] = [await from.look(name), await to.look(name)];
    if (one?.isDirectory() && other?.isDirectory()) {
      await using below = await from.child(name);
      await using there = await openChild(boundary, to, name);
      await mergeFolder(below, there, boundary, moved);
    } else {
      const path = join(to.path, name);
      const place = { boundary, directory: to, name, path, stats: other };
      await renameToFree(from, name, place, one?.isDirectory() === true);
      moved.push(path);
    }
  }
}
