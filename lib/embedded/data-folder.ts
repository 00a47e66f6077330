// The data folder: private to its owner, and used by one process at a time.
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ensureFolder } from "../ensure-folder.ts";
import { unusable } from "../unusable.ts";
import { isBusy, storeProblem } from "./sqlite-error.ts";

/** `release` may be called twice. */
export type FolderLock = { release(): void };

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
    throw folderUnusable(home, thrown, "Set MACJARVIS_HOME to a folder of its own.");
  }
}

function folderUnusable(home: string, thrown: unknown, advice: string): Error {
  return unusable(`The data folder ${home}`, thrown, advice, storeProblem(thrown));
}

/** The root, or a folder like `/tmp` that many write into: closing it would break the machine. */
function isPlaceOfOthers(home: string): boolean {
  return home === "/" || (existsSync(home) && (statSync(home).mode & 0o1000) !== 0);
}

/**
 * Holds the folder until this process ends, however it ends: SQLite's file lock is the kernel's and dies with us.
 * @throws FolderInUse, which names the process that has it; Error in words when the disk does not let it be locked
 */
export function lockDataFolder(home: string): FolderLock {
  const pidFile = join(home, "pid");
  const lock = openLock(join(home, "lock"));
  try {
    lock.exec("PRAGMA busy_timeout = 0; BEGIN IMMEDIATE");
    writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 });
  } catch (thrown) {
    lock.close();
    throw isBusy(thrown)
      ? new FolderInUse(home, pidOf(pidFile))
      : folderUnusable(home, thrown, "Make room on its disk, or set MACJARVIS_HOME to another one.");
  }
  return {
    release() {
      if (lock.isOpen) lock.close();
    },
  };
}

/** The process that holds the folder now; undefined when nobody does. @throws Error in words when that cannot be told */
export function lockHolder(home: string): string | undefined {
  try {
    lockDataFolder(home).release();
    return undefined;
  } catch (thrown) {
    if (thrown instanceof FolderInUse) return thrown.message;
    throw thrown;
  }
}

class FolderInUse extends Error {
  constructor(home: string, pid: string) {
    super(
      `The data folder ${home} is in use by another MacJarvis${pid}. Stop that one, or set MACJARVIS_HOME to another folder.`,
    );
  }
}

function openLock(path: string): DatabaseSync {
  const lock = new DatabaseSync(path);
  chmodSync(path, 0o600);
  return lock;
}

function pidOf(file: string): string {
  try {
    return ` (process ${readFileSync(file, "utf8").trim()})`;
  } catch {
    return "";
  }
}
