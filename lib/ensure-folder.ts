// Makes the folders that the program itself lives in.
import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes the folder and those above it, each for its owner alone; one that is there stays as it is.
 *
 * Not `recursive`: where a file system says "not found" for what it does not let anybody make (/proc), Node tries for ever.
 * @throws the system's own error
 */
export function ensureFolder(folder: string): void {
  if (isFolder(folder)) return;
  if (!existsSync(dirname(folder))) ensureFolder(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (thrown) {
    // Another process may have made it meanwhile.
    if (!isFolder(folder)) throw thrown;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
