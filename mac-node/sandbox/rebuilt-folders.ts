// Folders that a command sees as they were when it began, made of their entries one by one. A cover over a credential lies on what has
// the name now: the kernel takes it away when somebody outside replaces the file (rename(2), as most programs write), and it cannot
// lie on what is not there yet. In a folder that is made of entries a secret has no name, whatever happens on the disk.
import type { Dirent } from "node:fs";
import { readdir, readlink } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Its entries without what is hidden; `link` is where a symbolic link leads, as it says. */
export type Rebuilt = { path: string; entries: { path: string; link?: string }[] };

/** Each entry is a mount, and bubblewrap reads the list of all with each: a folder with more stays as it is on the disk, with covers. */
const MOST_ENTRIES = 150;

/**
 * The home folder, and those read-only ones in it that have a secret as a file. What is written to stays as it is on the disk.
 * @param hidden paths, whether they exist or not
 * @param files real paths of existing files among them
 * @param homeEntries what may be written in the home folder
 */
export async function rebuiltFolders(seen: {
  home: string;
  hidden: string[];
  files: string[];
  homeEntries: string[];
}): Promise<Rebuilt[]> {
  const { home, files, homeEntries } = seen;
  const hidden = new Set([...seen.hidden, ...files]);
  const inDotfolders = files.map((file) => dirname(file)).filter((folder) => folder.startsWith(`${home}/.`));
  const folders = await Promise.all(
    [...new Set([home, ...inDotfolders])].map(async (path) => {
      const listed = await readdir(path, { withFileTypes: true }).catch(() => undefined);
      const shown = listed?.filter(({ name }) => !hidden.has(join(path, name)));
      const mounts = shown?.filter(({ name }) => !homeEntries.includes(join(path, name)));
      if (!shown || !mounts || mounts.length > MOST_ENTRIES) return undefined;
      const entries = await Promise.all(shown.map((entry) => entryOf(path, entry)));
      return { path, entries: entries.filter((entry) => entry !== undefined) };
    }),
  );
  return folders.filter((folder) => folder !== undefined);
}

/** Sockets and devices are left out. */
async function entryOf(folder: string, entry: Dirent): Promise<Rebuilt["entries"][number] | undefined> {
  const path = join(folder, entry.name);
  if (entry.isFile() || entry.isDirectory()) return { path };
  const link = entry.isSymbolicLink() ? await readlink(path).catch(() => undefined) : undefined;
  return link === undefined ? undefined : { path, link };
}
