// Where the path arguments of a call really lead, and by which folder: what a link that is swung, or a folder that is
// exchanged, changes. A file's content is not part of it: files are changed all the time, by the very call that was asked about.
import { lstat, readlink, realpath } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { BoundPlace } from "../../contracts/bound.ts";
import { absolutePath } from "../../lib/files/absolute-path.ts";
import type { Boundary } from "../../lib/files/boundary.ts";

/** Never throws: of a path that is none, or that no tool may see, only its text is told. @param home what `~` means */
export async function placeOf(boundary: Boundary, path: string, home: string): Promise<BoundPlace> {
  const nowhere = { path, real: null, folder: null, id: null };
  try {
    const real = await realPlace(absolutePath(path, { home, base: boundary.base }));
    if (!boundary.allows(real)) return nowhere;
    const folder = await nearestFolder(real);
    return { path, real, ...folder };
  } catch {
    return nowhere;
  }
}

const MAX_LINKS = 40;

/** Links followed as far as the path exists, and also one whose target does not: what is written to it is made there. */
async function realPlace(path: string, links = 0): Promise<string> {
  const real = await realpath(path).catch(() => undefined);
  if (real !== undefined || path === "/") return real ?? path;
  const here = join(await realPlace(dirname(path), links), basename(path));
  const target = await readlink(here).catch(() => undefined);
  if (target === undefined) return here;
  if (links === MAX_LINKS) throw new Error("its links lead in a circle");
  return realPlace(resolve(dirname(here), target), links + 1);
}

async function nearestFolder(real: string): Promise<{ folder: string; id: string }> {
  for (let folder = real; ; folder = dirname(folder)) {
    const id = await idOfFolder(folder);
    if (id !== undefined) return { folder, id };
    if (folder === "/") throw new Error("there is no folder at all");
  }
}

/** Which folder this is; undefined when it is none. An inode's number is given to the next folder too, its birth is not. */
export async function idOfFolder(path: string): Promise<string | undefined> {
  const stats = await lstat(path, { bigint: true }).catch(() => undefined);
  return stats?.isDirectory() ? `${stats.dev}:${stats.ino}:${stats.birthtimeNs}` : undefined;
}
