// One process uses a data folder at a time. The lock is on open descriptors: of the database file and of the folder itself
// (flock), whatever they are called and however they are reached; removing files does not loosen it, a process that dies leaves
// nothing behind, and a child does not inherit it. Where no flock can be had (a system without the program), a file `lock` that
// SQLite locks has to do, which keeps out who finds the same file.
import { accessSync, chmodSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { lockOpened } from "../exclusive-lock.ts";
import { unusable } from "./data-folder.ts";
import { databasePath, requireFile } from "./database-file.ts";
import { isBusy } from "./sqlite-error.ts";

/** `release` may be called twice; the database must be closed before. */
export type FolderLock = { release(): void };

/** All that this process holds: SQLite's lock is gone with a database that nothing refers to. */
const HOLDING = new Set<Held>();

const ADVICE = "Make room on its disk, or set MACJARVIS_HOME to another one.";

/**
 * Holds the folder until this process ends, however it ends.
 * @throws FolderInUse, which names the process that has it; Error in words when the disk does not let it be locked
 */
export function lockDataFolder(home: string): FolderLock {
  const held = hold(home);
  try {
    writeFileSync(pidFile(home), `${process.pid}\n`, { mode: 0o600 });
  } catch (thrown) {
    release(held);
    throw unusable(home, thrown, ADVICE);
  }
  HOLDING.add(held);
  return {
    release() {
      if (held.length > 0) rmSync(pidFile(home), { force: true });
      release(held);
      HOLDING.delete(held);
    },
  };
}

/** In words, which process holds the folder now; undefined when nobody does. @throws Error in words when that cannot be told */
export function lockHolder(home: string): string | undefined {
  if (!existsSync(databasePath(home))) return undefined;
  try {
    release(hold(home));
    return undefined;
  } catch (thrown) {
    if (thrown instanceof FolderInUse) return thrown.message;
    throw thrown;
  }
}

export class FolderInUse extends Error {
  constructor(home: string) {
    super(
      `The data folder ${home} is in use by another MacJarvis${pidOf(pidFile(home))}. Stop that one, or set MACJARVIS_HOME to another folder.`,
    );
  }
}

/** What lets go of a part of the lock, in the order in which it has to be done. */
type Held = (() => void)[];

function hold(home: string): Held {
  const held: Held = [];
  try {
    for (const path of [databasePath(home), lockPath(home)]) requireFile(home, path);
    requireAccess(home);
    held.unshift(lockFile(home));
    held.unshift(...lockDescriptors(home));
    return held;
  } catch (thrown) {
    release(held);
    throw thrown;
  }
}

function release(held: Held): void {
  for (const letGo of held.splice(0)) letGo();
}

/** SQLite would say no more than that it cannot open a file. */
function requireAccess(home: string): void {
  const { R_OK, W_OK, X_OK } = constants;
  try {
    accessSync(home, R_OK | W_OK | X_OK);
    for (const path of [databasePath(home), lockPath(home)])
      if (existsSync(path)) accessSync(path, R_OK | W_OK);
  } catch (thrown) {
    throw unusable(
      home,
      thrown,
      "Start MacJarvis as the user it belongs to, or set MACJARVIS_HOME to another folder.",
    );
  }
}

function lockFile(home: string): () => void {
  const path = lockPath(home);
  let lock: DatabaseSync | undefined;
  try {
    const opened = new DatabaseSync(path);
    lock = opened;
    chmodSync(path, 0o600);
    lock.exec("PRAGMA busy_timeout = 0; BEGIN IMMEDIATE");
    return () => opened.close();
  } catch (thrown) {
    lock?.close();
    throw isBusy(thrown) ? new FolderInUse(home) : unusable(home, thrown, ADVICE);
  }
}

function lockDescriptors(home: string): Held {
  const { O_CREAT, O_RDONLY, O_RDWR } = constants;
  const folder = { path: home, flags: O_RDONLY };
  // SQLite's own locks are of another kind on Linux; on macOS they are not, and the folder has to do.
  const isMac = process.platform === "darwin";
  try {
    return lockOpened(isMac ? [folder] : [{ path: databasePath(home), flags: O_RDWR | O_CREAT }, folder])
      .release;
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === "EAGAIN") throw new FolderInUse(home);
    throw unusable(home, thrown, ADVICE);
  }
}

function lockPath(home: string): string {
  return join(home, "lock");
}

function pidFile(home: string): string {
  return join(home, "pid");
}

function pidOf(file: string): string {
  try {
    return ` (process ${readFileSync(file, "utf8").trim()})`;
  } catch {
    return "";
  }
}
