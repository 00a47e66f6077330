// Copies a file or a folder for copy_file: whole or not at all.
import type { FileAccess } from "../../../../lib/files/boundary.ts";
import { FileProblem } from "../../../../lib/files/file-problem.ts";
import { assertNoFolder, assertNothingStarts, assertNotInItself, isSame, statsOf } from "./between-places.ts";
import { copyData } from "./copy-data.ts";
import { type CopiedTree, copyTree } from "./copy-tree.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { openInPlace } from "./open-file.ts";
import { openChild, openPlace, type Place } from "./open-place.ts";
import type { WalkLimits } from "./walk-tree.ts";
import { makeWhole } from "./whole-folder.ts";
import { putInPlace } from "./write-atomically.ts";

export type CopiedFile = { path: string; copied_to: string; type: "file"; bytes: number; replaced: boolean };
export type CopiedFolder = { path: string; copied_to: string; type: "directory" } & CopiedTree;

/**
 * Copies what `from` names to where `to` says; links that they name are followed to allowed places.
 * @throws FileProblem `exists`, `not_found`, `not_allowed`, `invalid_path` (into itself), `too_large`, `changed`, `no_space` …;
 * nothing is copied then
 */
export async function copyPath(
  access: FileAccess & WalkLimits,
  from: string,
  to: string,
  overwrite: boolean,
): Promise<CopiedFile | CopiedFolder> {
  const source = await openPlace(access, from, { purpose: "look", followLast: true });
  await using _from = source.directory;
  const target = await openPlace(access, to, { purpose: "change", followLast: true });
  await using _to = target.directory;
  assertNoFolder(target, source.name);
  const isFolder = statsOf(source).isDirectory();
  return await oneAtATime<CopiedFile | CopiedFolder>(target.path, () =>
    isFolder ? copyFolder(access, source, target) : copyFile(access, source, target, overwrite),
  );
}

async function copyFile(
  { signal }: WalkLimits,
  source: Place,
  target: Place,
  overwrite: boolean,
): Promise<CopiedFile> {
  await using file = await openInPlace(source);
  if (target.stats && isSame(target.stats, file.stats))
    throw new FileProblem("exists", `"${target.path}" is the file itself; choose another place.`);
  const { path, bytes, created } = await putInPlace(target, { overwrite }, (temporary) =>
    copyData(file, target.directory, temporary, signal),
  );
  return { path: file.path, copied_to: path, type: "file", bytes, replaced: !created };
}

async function copyFolder(
  access: FileAccess & WalkLimits,
  source: Place,
  target: Place,
): Promise<CopiedFolder> {
  if (target.stats)
    throw new FileProblem("exists", `"${target.path}" exists already; a folder replaces nothing.`);
  assertNothingStarts(target.path, access.home);
  await using directory = await openChild(source.boundary, source.directory, source.name);
  await directory.assertAllowed(source.boundary);
  await assertNotInItself(directory.stats, source, target);
  const { signal, deadlineAt } = access;
  const copied = await makeWhole(target, async (folder) => {
    const tree = await copyTree({ boundary: source.boundary, directory }, folder, { signal, deadlineAt });
    await folder.handle.chmod(directory.stats.mode & 0o777);
    await folder.handle.utimes(directory.stats.atime, directory.stats.mtime);
    return tree;
  });
  return { path: directory.path, copied_to: target.path, type: "directory", ...copied };
}
