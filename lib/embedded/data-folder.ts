// The data folder: private to its owner, and used by one process at a time.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** `release` may be called twice. */
export type FolderLock = { release(): void };

/** Makes the folder (mode 0700) and takes it from others who may look into it. */
export function prepareDataFolder(home: string): void {
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
    chmodSync(home, 0o700);
  } catch (thrown) {
    const reason = (thrown as NodeJS.ErrnoException).code ?? String(thrown);
    throw new Error(
      `The data folder ${home} cannot be used (${reason}). Set MACJARVIS_HOME to a folder of yours.`,
    );
  }
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
