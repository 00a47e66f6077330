// The data folder: private to its owner, made when it is missing. Who may use it is folder-lock.ts's.
import { chmodSync, existsSync, statSync } from "node:fs";
import { ensureFolder } from "../ensure-folder.ts";
import { reasonOfSystem, unusable as unusableInWords } from "../unusable.ts";
import { storeProblem } from "./sqlite-error.ts";

/**
 * Makes the folder (mode 0700) and takes it from others who may look into it.
 * @param advice what whoever named it can do when it does not serve
 * @throws Error in words when it cannot be made, or when it is a place of others, which closing it would break
 */
export function prepareDataFolder(home: string, advice = "Set MACJARVIS_HOME to a folder of its own."): void {
  try {
    if (isPlaceOfOthers(home))
      throw new Error("it is a place for more than MacJarvis and would be closed to others");
    ensureFolder(home);
    chmodSync(home, 0o700);
  } catch (thrown) {
    throw unusable(home, thrown, advice);
  }
}

/** In words: what keeps the folder from being used, and what to do. */
export function unusable(home: string, thrown: unknown, advice: string): Error {
  return unusableInWords(`The data folder ${home}`, thrown, advice, storeProblem(thrown));
}

/** What the system or SQLite said, in words. */
export function reasonOf(thrown: unknown): string {
  return storeProblem(thrown) ?? reasonOfSystem(thrown);
}

/** The root, or a folder like `/tmp` that many write into: closing it would break the machine. */
function isPlaceOfOthers(home: string): boolean {
  return home === "/" || (existsSync(home) && (statSync(home).mode & 0o1000) !== 0);
}
