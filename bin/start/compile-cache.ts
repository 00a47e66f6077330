// Keeps the program's code as V8 has compiled it, in the data folder, so that the next start does not compile it again. What lies
// there is run, so it lies where nobody else can write: the folder is ours alone, and kept from every tool and command like all
// that is in it (mac-node/sandbox, docs/sandbox.md).
import { lstatSync, mkdirSync } from "node:fs";
import module from "node:module";
import { join } from "node:path";
import { prepareDataFolder } from "../../lib/embedded/data-folder.ts";

/** Before the code is loaded. A folder that cannot be used is no matter here: the start itself says so. */
export function useCompileCache(home: string): void {
  try {
    prepareDataFolder(home);
    const folder = join(home, "code-cache");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (isOursAlone(home) && isOursAlone(folder)) module.enableCompileCache(folder);
  } catch {
    // Without it everything works, and starts a little later.
  }
}

/** A folder, and no link to one, that belongs to who we are and is closed to all others. */
function isOursAlone(path: string): boolean {
  const found = lstatSync(path);
  return found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0;
}
