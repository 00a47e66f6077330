// The way to a file: every folder on it is opened and held, links are followed only to places that are allowed.
// openFile, openFolder, writing, making folders and the trash all begin here.
import type { Stats } from "node:fs";
import { mkdir, readlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import { absolutePath } from "../../../../lib/files/absolute-path.ts";
import { type Boundary, boundaryOf, type FileAccess, type Purpose } from "../../../../lib/files/boundary.ts";
import { FileProblem, systemCodeOf } from "../../../../lib/files/file-problem.ts";
import { HeldDirectory } from "./held-directory.ts";

/** A name in a held directory. `await using` its `directory`, and `return await` what works with it. */
export type Place = {
  boundary: Boundary;
  directory: HeldDirectory;
  name: string;
  /** Real path of the directory, and the name. */
  path: string;
  /** What is there, links not followed; undefined when nothing is. */
  stats: Stats | undefined;
};

export type WayOptions = {
  purpose: Purpose;
  /** Follow a link in the last component too (to an allowed place). */
  followLast: boolean;
  /** Make the folders on the way that are missing. */
  makeParents?: boolean;
};

const MAX_LINKS = 40;

/**
 * Walks to the place that `path` names. `~` and relative paths resolve, the latter from the first root.
 * @throws FileProblem `not_allowed` (outside, hidden, or a root itself), `not_found` (a folder on the way is missing),
 * `not_a_directory`, `permission_denied` …
 */
export async function openPlace(access: FileAccess, path: string, options: WayOptions): Promise<Place> {
  const boundary = await boundaryOf(access, options.purpose);
  const way = await walkWay(
    boundary,
    absolutePath(path, { home: access.home, base: boundary.base }),
    options,
    access.signal,
  );
  if (way.name !== undefined) return { ...way, name: way.name };
  await way.directory[Symbol.asyncDispose]();
  throw new FileProblem("not_allowed", `"${path}" is a folder that this machine allows; it stays as it is.`);
}

/**
 * Opens the folder that `path` names, links followed to allowed places.
 * @throws FileProblem `not_allowed`, `not_found`, `not_a_directory`, `permission_denied` …
 */
export async function openFolder(
  access: FileAccess,
  path: string,
  purpose: Purpose = "look",
): Promise<{ boundary: Boundary; directory: HeldDirectory }> {
  const options: WayOptions = { purpose, followLast: true };
  const boundary = await boundaryOf(access, options.purpose);
  const way = await walkWay(
    boundary,
    absolutePath(path, { home: access.home, base: boundary.base }),
    options,
    access.signal,
  );
  if (way.name === undefined) return { boundary, directory: way.directory };
  await using parent = way.directory;
  if (!way.stats) throw new FileProblem("not_found", `"${way.path}" does not exist.`);
  if (!way.stats.isDirectory()) {
    throw new FileProblem("not_a_directory", `"${way.path}" is not a directory.`);
  }
  const directory = await openChild(boundary, parent, way.name);
  try {
    await directory.assertAllowed(boundary);
  } catch (error: unknown) {
    await directory[Symbol.asyncDispose]();
    throw error;
  }
  return { boundary, directory };
}

/** Opens a folder in a held one. @throws FileProblem `not_allowed` when it is a hidden one */
export async function openChild(
  boundary: Boundary,
  parent: HeldDirectory,
  name: string,
): Promise<HeldDirectory> {
  const child = await parent.child(name);
  if (boundary.allows(child.path, child.stats)) return child;
  await child[Symbol.asyncDispose]();
  throw boundary.refusal(child.path);
}

/** As `Place`; without a name it is a root itself, which `directory` then is. */
type Way = Omit<Place, "name"> & { name: string | undefined };

async function walkWay(
  boundary: Boundary,
  path: string,
  options: WayOptions,
  signal: AbortSignal,
): Promise<Way> {
  let here = await start(boundary, path);
  let links = 0;
  try {
    for (;;) {
      signal.throwIfAborted();
      const { directory, rest } = here;
      const [named, ...below] = rest;
      if (named === undefined)
        return { boundary, directory, name: named, path: directory.path, stats: directory.stats };
      boundary.assertAllowed(join(directory.path, named));
      const name = await directory.nameOf(named);
      boundary.assertAllowed(join(directory.path, name));
      const stats = await directory.look(name);
      let next: Position;
      if (stats?.isSymbolicLink() && (below.length > 0 || options.followLast)) {
        links += 1;
        if (links > MAX_LINKS)
          throw new FileProblem("not_found", `"${path}" has links that lead in a circle.`);
        next = await follow(boundary, directory, name, below);
      } else if (below.length === 0) {
        return await arrive(boundary, directory, name, stats);
      } else {
        next = { directory: await step(boundary, directory, { name, below, stats }, options), rest: below };
      }
      await directory[Symbol.asyncDispose]();
      here = next;
    }
  } catch (error: unknown) {
    await here.directory[Symbol.asyncDispose]();
    throw error;
  }
}

/** The folder held, and the names from there on. */
type Position = { directory: HeldDirectory; rest: string[] };

async function start(boundary: Boundary, path: string): Promise<Position> {
  const { root, components } = await boundary.locate(path);
  boundary.assertAllowed(root);
  return { directory: await HeldDirectory.open(root, root), rest: components };
}

/** Where a link leads is a new way from the root it lies below. */
async function follow(
  boundary: Boundary,
  directory: HeldDirectory,
  name: string,
  below: string[],
): Promise<Position> {
  const target = resolve(directory.path, await readlink(directory.entry(name)));
  return start(boundary, join(target, ...below));
}

async function arrive(
  boundary: Boundary,
  directory: HeldDirectory,
  name: string,
  stats: Stats | undefined,
): Promise<Place> {
  const path = join(directory.path, name);
  boundary.assertAllowed(path, stats);
  boundary.assertAsked(path);
  await directory.assertAllowed(boundary);
  return { boundary, directory, name, path, stats };
}

async function step(
  boundary: Boundary,
  directory: HeldDirectory,
  { name, below, stats }: { name: string; below: string[]; stats: Stats | undefined },
  { makeParents }: WayOptions,
): Promise<HeldDirectory> {
  const here = join(directory.path, name);
  if (!stats && makeParents) {
    boundary.assertAsked(join(here, ...below));
    await directory.assertAllowed(boundary);
    await makeUnlessThere(directory, name);
  } else if (!stats) {
    throw new FileProblem("not_found", `The folder "${here}" does not exist.`);
  } else if (!stats.isDirectory()) {
    throw new FileProblem("not_a_directory", `"${here}" is not a directory.`);
  }
  return openChild(boundary, directory, name);
}

async function makeUnlessThere(directory: HeldDirectory, name: string): Promise<void> {
  try {
    await mkdir(directory.entry(name));
  } catch (error: unknown) {
    if (systemCodeOf(error) !== "EEXIST") throw error;
  }
}
