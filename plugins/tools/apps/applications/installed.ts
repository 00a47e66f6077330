// The applications of this Mac, by the folders where macOS keeps them. Spotlight's index would find bundles anywhere, also one that was
// just unpacked into Downloads: what lies elsewhere was not installed by anybody, and is not opened.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { foldedName } from "../../../../lib/files/path-names.ts";

export type Application = { name: string; path: string };

const ENDING = ".app";
/** Folders in the folder of applications (Utilities, a suite of some vendor) are looked into, but no deeper. */
const DEPTH = 2;
/** Programs of the system's own folder that people open; the rest of it is no application to them. */
const CORE = ["Finder"];

/** @param root before all paths: `/` but in tests */
export function applicationFolders(home: string, root = "/"): string[] {
  const folders = ["Applications", "System/Applications", "System/Cryptexes/App/System/Applications"];
  return [...folders.map((folder) => join(root, folder)), join(home, "Applications")];
}

/** By name; what is there twice (an own copy, and the system's) once, the first folder's. */
export async function installedApplications(home: string, root = "/"): Promise<Application[]> {
  const found = await Promise.all(
    applicationFolders(home, root).map((folder) => applicationsIn(folder, DEPTH)),
  );
  const core = CORE.map((name) => ({
    name,
    path: join(root, "System/Library/CoreServices", `${name}${ENDING}`),
  }));
  const byName = new Map<string, Application>();
  for (const each of [...found.flat(), ...core]) {
    const key = foldedName(each.name);
    if (!byName.has(key)) byName.set(key, each);
  }
  return [...byName.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

async function applicationsIn(folder: string, depth: number): Promise<Application[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const found = await Promise.all(
    entries.map(async (entry): Promise<Application[]> => {
      const path = join(folder, entry.name);
      // Safari's place is a link to where the system keeps it.
      if (entry.name.endsWith(ENDING)) return [{ name: entry.name.slice(0, -ENDING.length), path }];
      return entry.isDirectory() && depth > 1 ? applicationsIn(path, depth - 1) : [];
    }),
  );
  return found.flat();
}

/** The application of this name, in any case and with or without its ending. */
export function applicationNamed(all: Application[], name: string): Application | undefined {
  const wanted = foldedName(name.trim().replace(/\.app$/i, ""));
  return all.find((each) => foldedName(each.name) === wanted);
}

const MOST_SIMILAR = 5;

/** Names that have the words in them, for somebody who has mistaken one. */
export function similarNames(all: string[], name: string): string[] {
  const words = foldedName(name).split(/\s+/).filter(Boolean);
  const fits = (each: string) => words.some((word) => foldedName(each).includes(word));
  return all.filter(fits).slice(0, MOST_SIMILAR);
}
