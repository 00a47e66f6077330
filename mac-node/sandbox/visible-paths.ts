// What a sandboxed command may see of the disk, read from the disk just before it starts: which of the hidden paths are
// there, what lies in the home folder. The platforms' rooms make arguments or a profile of it.
import { constants } from "node:fs";
import { access, lstat, readdir, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { resolveNearest } from "../../lib/system/resolve-nearest.ts";
import { autostartPaths } from "../../lib/tools/self-starting.ts";
import { isCover } from "./covers.ts";
import { type Rebuilt, rebuiltFolders } from "./rebuilt-folders.ts";

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
  /** Hidden paths within the roots where nothing is yet: only rules about names can say anything of them. */
  notYet: string[];
  /** Folders of the read-only home that are made of their entries. */
  rebuilt: Rebuilt[];
  /** Folders between a root and something guarded: they must not be renamed, or it would be found under another name. */
  pinned: string[];
  /** Paths within the roots that are read-only with all below, whether they exist or not. */
  readOnly: string[];
  /** Where nothing is on the way to a read-only path, and a command could make it: there must stay nothing. */
  absent: string[];
  /** Folders that are read-only themselves, because of a link in them, and their entries that may be written. */
  sealed: { path: string; entries: string[] }[];
  /** Those links. */
  links: string[];
};

/** Whether a path is the folder or lies in it; both absolute and normalised. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === "/" ? "/" : `${folder}/`);
}

/**
 * @param settings.roots real paths
 * @param settings.userHome the home folder of the user the node runs as
 * @param settings.hidden absolute paths, whether they exist or not
 * @param settings.protected likewise, of what may be read
 * @param settings.links real paths of links that must lead where they do
 */
export async function visiblePaths(settings: {
  roots: string[];
  userHome: string;
  hidden: string[];
  protected: string[];
  links: string[];
}): Promise<VisiblePaths> {
  const roots = [...new Set(settings.roots)].toSorted((a, b) => a.length - b.length);
  const userHome = await realPathOf(settings.userHome);
  const home =
    userHome !== undefined && roots.some((root) => isWithin(userHome, root)) ? userHome : undefined;
  const inRoots = (path: string) => roots.some((root) => isWithin(path, root));
  const looked = await Promise.all(settings.hidden.map(look));
  const hidden = looked.filter((found) => found !== undefined);
  const inside = hidden.filter(({ path }) => inRoots(path));
  const fixed = [...autostartPaths(settings.userHome), ...settings.protected];
  const readOnly = (await Promise.all(fixed.map(resolveNearest))).flatMap((path) =>
    inRoots(path) ? [path] : roots.filter((root) => isWithin(root, path)),
  );
  const absent = await Promise.all(readOnly.map(firstAbsent));
  const links = settings.links.filter(inRoots);
  const sealed = await sealedFolders(links, { roots, home });
  const homeEntries = home === undefined ? [] : await writableEntries(home);
  const files = inside.filter(({ kind }) => kind === "file").map(({ path }) => path);
  return {
    roots,
    home,
    homeEntries,
    hidden: [...inside, ...(await inSystemFolders(hidden)).filter(({ path }) => !inRoots(path))],
    notYet: settings.hidden.filter((path, index) => looked[index] === undefined && inRoots(path)),
    rebuilt:
      home === undefined
        ? []
        : await rebuiltFolders({
            ...{ home, files, homeEntries },
            hidden: [...settings.hidden, ...inside.map(({ path }) => path)],
          }),
    pinned: pinnedFolders([...inside.map(({ path }) => path), ...readOnly, ...links], roots, home),
    readOnly: [...new Set(readOnly)],
    absent: [...new Set(absent.filter((path) => path !== undefined))],
    sealed,
    links,
  };
}

/** The first name on a real path that is not there, in a folder that this process could make it in. */
async function firstAbsent(path: string): Promise<string | undefined> {
  const isThere = await lstat(path).then(
    () => !isCover(path),
    () => false,
  );
  const folder = dirname(path);
  if (isThere || folder === path) return undefined;
  const above = await firstAbsent(folder);
  if (above !== undefined) return above;
  const isFolder = (await lstat(folder).catch(() => undefined))?.isDirectory() === true;
  return access(folder, constants.W_OK).then(
    () => (isFolder ? path : undefined),
    () => undefined,
  );
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

/** More entries are not looked for: then the folder is read-only with all that is in it. */
const MOST_ENTRIES = 500;

/** A link cannot be guarded itself, only the folder it is in. The home folder is read-only anyway; a root above all cannot be. */
async function sealedFolders(
  links: string[],
  { roots, home }: { roots: string[]; home: string | undefined },
): Promise<VisiblePaths["sealed"]> {
  const folders = [...new Set(links.map((link) => dirname(link)))].filter(
    (folder) => folder !== home && folder !== "/" && roots.some((root) => isWithin(folder, root)),
  );
  return Promise.all(
    folders.map(async (path) => {
      const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
      const writable = entries.filter((entry) => entry.isDirectory() || entry.isFile());
      return {
        path,
        entries:
          writable.length > MOST_ENTRIES ? [] : writable.map(({ name }) => join(path, name)).toSorted(),
      };
    }),
  );
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
