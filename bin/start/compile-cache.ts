// Makes the place where the program's code is kept as V8 has compiled it, so that the next start does not compile it again
// (code-cache.cjs takes it).
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { prepareDataFolder } from "../../lib/embedded/data-folder.ts";
import { takeCodeCache } from "./code-cache.cjs";

/** Before the code is loaded. A folder that cannot be used is no matter here: the start itself says so. */
export function useCompileCache(home: string): void {
  try {
    prepareDataFolder(home);
    mkdirSync(join(home, "code-cache"), { recursive: true, mode: 0o700 });
    takeCodeCache(home);
  } catch {
    // Without it everything works, and starts a little later.
  }
}
