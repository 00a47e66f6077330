// The folder in which commands start unless they are told another one: one that they may write.
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { foldedName, isInside } from "../lib/files/path-names.ts";

/** In the home folder, of which commands may write the sub-folders only. The others where the program itself, or a file, is the first. */
const NAMES = ["MacJarvis", "MacJarvis Files", "MacJarvis Work"];

/**
 * The first root, unless commands cannot write there: then a folder in the home, which need not be there yet.
 * @param machine.roots real paths; never empty
 * @param closed absolute paths of what tools may not change or see
 */
export async function workFolderOf(
  { roots, userHome }: { roots: string[]; userHome: string },
  closed: string[],
): Promise<string> {
  const isOpen = (path: string) => !closed.some((folder) => isInside(foldedName(folder), foldedName(path)));
  const [first = "/"] = roots;
  if (!isInside(first, userHome) && isOpen(first)) return first;
  for (const name of roots.some((root) => isInside(root, userHome)) ? NAMES : []) {
    const path = join(userHome, name);
    const stats = await stat(path).catch(() => undefined);
    if (isOpen(path) && (stats?.isDirectory() ?? true)) return path;
  }
  return roots.find((root) => !isInside(root, userHome) && isOpen(root)) ?? first;
}
