// The data folder: private to its owner, made when it is missing. Who may use it is folder-lock.ts's.
import { chmodSync, existsSync, statSync } from "node:fs";
import { ensureFolder } from "../ensure-folder.ts";
import { storeProblem } from "./sqlite-error.ts";

const REASONS: Record<string, string> = {
  EEXIST: "it is a file",
  EISDIR: "it is a folder",
  ENOENT: "nothing can be made there",
  ENOTDIR: "a part of the path is a file",
  EACCES: "you may not write there",
  EPERM: "it belongs to another user",
  EROFS: "its disk can only be read",
  ENOSPC: "its disk is full",
  EDQUOT: "your share of its disk is full",
  EFBIG: "no file may grow that much there",
  ENOLCK: "its disk (a network folder?) has no locks",
  ENOTSUP: "its disk (a network folder?) has no locks",
};

/**
 * Makes the folder (mode 0700) and takes it from others who may look into it.
 * @throws Error in words when it cannot be made, or when it is a place of others, which closing it would break
 */
export function prepareDataFolder(home: string): void {
  try {
    if (isPlaceOfOthers(home))
      throw new Error("it is a place for more than MacJarvis and would be closed to others");
    ensureFolder(home);
    chmodSync(home, 0o700);
  } catch (thrown) {
    throw unusable(home, thrown, "Set MACJARVIS_HOME to a folder of its own.");
  }
}

/** In words: what keeps the folder from being used, and what to do. */
export function unusable(home: string, thrown: unknown, advice: string): Error {
  return new Error(`The data folder ${home} cannot be used: ${reasonOf(thrown)}. ${advice}`);
}

/** What the system or SQLite said, in words. */
export function reasonOf(thrown: unknown): string {
  const { code = "", message } = thrown as NodeJS.ErrnoException;
  // A code of SQLite's says nothing; its message does.
  return storeProblem(thrown) ?? REASONS[code] ?? (/^E[A-Z]+$/.test(code) ? code : message);
}

/** The root, or a folder like `/tmp` that many write into: closing it would break the machine. */
function isPlaceOfOthers(home: string): boolean {
  return home === "/" || (existsSync(home) && (statSync(home).mode & 0o1000) !== 0);
}
