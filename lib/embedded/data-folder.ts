// The data folder: private to its owner, and used by one process at a time.
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ensureFolder } from "../ensure-folder.ts";

/** `release` may be called twice. */
export type FolderLock = { release(): void };

const REASONS: Record<string, string> = {
  EEXIST: "it is a file",
  ENOENT: "nothing can be made there",
  ENOTDIR: "a part of the path is a file",
  EACCES: "you may not write there",
  EPERM: "it belongs to another user",
  EROFS: "its disk can only be read",
  ENOSPC: "its disk is full",
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
    const { code, message } = thrown as NodeJS.ErrnoException;
    const reason = code === undefined ? message : (REASONS[code] ?? code);
    throw new Error(
      `The data folder ${home} cannot be used: ${reason}. Set MACJARVIS_HOME to a folder of its own.`,
    );
  }
}

/** The root, or a folder like `/tmp` that many write into: closing it would break the machine. */
function isPlaceOfOthers(home: string): boolean {
  return home === "/" || (existsSync(home) && (statSync(home).mode & 0o1000) !== 0);
}

/**
 * Holds the folder until this process ends, however it ends: SQLite's file lock is the kernel's and dies with us.
 * @throws Error that names the process which has it
 */
export function lockDataFolder(home: string): FolderLock {
  const pidFile = join(home, "pid");
  const lock = openLock(join(home, "lock"));
  try {
    lock.exec("PRAGMA busy_timeout = 0; BEGIN IMMEDIATE");
  } catch {
    lock.close();
    throw new Error(
      `The data folder ${home} is in use by another MacJarvis${pidOf(pidFile)}. Stop that one, or set MACJARVIS_HOME to another folder.`,
    );
  }
  writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 });
  return {
    release() {
      if (lock.isOpen) lock.close();
    },
  };
}

/** The process that holds the folder now; undefined when nobody does. */
export function lockHolder(home: string): string | undefined {
  try {
    lockDataFolder(home).release();
    return undefined;
  } catch (thrown) {
    return (thrown as Error).message;
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
