// What a sandboxed command may see of the disk, read from the disk just before it starts: which of the hidden paths are
// there, what lies in the home folder. The platforms' rooms make arguments or a profile of it.
import { lstat, readdir, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { autostartPaths } from "../../lib/tools/hidden-paths.ts";

/** Programs and libraries, which a command may read. */
export const SYSTEM_FOLDERS = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store"];

export type Hidden = { path: string; kind: "folder" | "file" };
export type VisiblePaths = {
  /** Real paths that may be written, shorter ones first; all in the home folder or elsewhere. */
  roots: string[];
  /** The real path of the home folder when a root contains it: then it is read-only itself. */
  home: string | undefined;
  /** Entries of that home folder that may be written: none that starts with a dot, no autostart folder. */
  homeEntries: string[];
  /** Existing paths within the roots or the system's folders that are not seen. */
  hidden: Hidden[];
  /** Folders between a root and something hidden: they must not be renamed, or it would be found under another name. */
  pinned: string[];
  /** Existing paths within the roots that are read-only. */
  readOnly: string[];
};

/** Whether a path is the folder or lies in it; both absolute and normalised. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === "/" ? "/" : `${folder}/`);
}

/**
 * @param settings.roots real paths
 * @param settings.userHome the home folder of the user the node runs as
 * @param settings.hidden absolute paths, whether they exist or not
 */
export async function visiblePaths(settings: {
  roots: string[];
  userHome: string;
  hidden: string[];
}): Promise<VisiblePaths> {
  const roots = [...new Set(settings.roots)].toSorted((a, b) => a.length - b.length);
  const userHome = await realPathOf(settings.userHome);
  const home =
    userHome !== undefined && roots.some((root) => isWithin(userHome, root)) ? userHome : undefined;
  const inRoots = (path: string) => roots.some((root) => isWithin(path, root));
  const hidden = (await Promise.all(settings.hidden.map(look))).filter((found) => found !== undefined);
  const inside = hidden.filter(({ path }) => inRoots(path));
  const fixed = (await Promise.all(autostartPaths(settings.userHome).map(realPathOf))).filter(
    (path) => path !== undefined && inRoots(path),
  );
  return {
    roots,
    home,
    homeEntries: home === undefined ? [] : await writableEntries(home),
    hidden: [...inside, ...(await inSystemFolders(hidden)).filter(({ path }) => !inRoots(path))],
    pinned: pinnedFolders(
      inside.map(({ path }) => path),
      roots,
      home,
    ),
    readOnly: fixed.filter((path) => path !== undefined),
  };
}

/** A data folder in /usr/local is seen there; one in /usr/lib also below /lib, which is the same folder. */
async function inSystemFolders(hidden: Hidden[]): Promise<Hidden[]> {
  const folders = await Promise.all(
    SYSTEM_FOLDERS.map(async (named) => ({ named, real: await realPathOf(named) })),
  );
  return hidden.flatMap(({ path, kind }) =>
    folders
      .filter(({ real }) => real !== undefined && isWithin(path, real))
      .map(({ named, real = "" }) => ({ path: named + path.slice(real.length), kind })),
  );
}

/** Where it really is, so that a link into a root hides nothing less. */
async function look(path: string): Promise<Hidden | undefined> {
  const real = await realPathOf(path);
  if (real === undefined) return undefined;
  const stats = await lstat(real).catch(() => undefined);
  return stats && { path: real, kind: stats.isDirectory() ? "folder" : "file" };
}

async function realPathOf(path: string): Promise<string | undefined> {
  return realpath(path).catch(() => undefined);
}

async function writableEntries(home: string): Promise<string[]> {
  const fixed = autostartPaths(home);
  const entries = await readdir(home, { withFileTypes: true });
  return (
    entries
      // A link is seen through the read-only home; what it leads to is there or not by its own path.
      .filter((entry) => !entry.name.startsWith(".") && (entry.isDirectory() || entry.isFile()))
      .map((entry) => join(home, entry.name))
      .filter((path) => !fixed.includes(path))
      .toSorted()
  );
}

/** Those in the read-only home cannot be renamed anyway. */
function pinnedFolders(hidden: string[], roots: string[], home: string | undefined): string[] {
  const pinned = new Set<string>();
  for (const path of hidden) {
    for (let folder = dirname(path); roots.some((root) => folder !== root && isWithin(folder, root)); ) {
      if (folder === home) break;
      pinned.add(folder);
      folder = dirname(folder);
    }
  }
  return [...pinned].toSorted((a, b) => a.length - b.length);
}
