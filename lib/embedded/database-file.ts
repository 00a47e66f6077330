// Looks at the files of the database before SQLite does, which would say "unable to open database file", take a log whose beginning
// is damaged for an empty one, or begin anew in a file that was emptied. Every fault ends in words that say what to do.
import { closeSync, existsSync, lstatSync, openSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { isWholeHeader, LOG_HEADER_BYTES } from "./database/log-header.ts";

const MAGIC = "SQLite format 3\0";
/** What of the folder is restored together. */
export const RESTORE = "Stop every MacJarvis and restore the whole data folder from a backup";

export function databasePath(home: string): string {
  return join(home, "macjarvis.db");
}

/** @throws Error in words when there is something else than a file */
export function requireFile(home: string, path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found) return;
  const target = found.isSymbolicLink() ? statSync(path, { throwIfNoEntry: false }) : found;
  if (target?.isFile()) return;
  const what = target?.isDirectory() ? "a folder" : target ? "no regular file" : "a link to nothing";
  throw damaged(
    home,
    `${path} is ${what}, and a file of the database belongs there. Move it away, or restore the file from a backup.`,
  );
}

/**
 * Only what made an account has made the owner's key: then there was something in the database. Looked at before the lock makes
 * the file, so that a folder from which it was removed begins anew.
 * @throws Error in words when the file was emptied
 */
export function requireNotEmptied(home: string): void {
  const path = databasePath(home);
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isFile() || found.size > 0 || !existsSync(join(home, "owner.key"))) return;
  throw damaged(
    home,
    `${path} is empty, but it was not. ${RESTORE}, or remove ${path} to begin anew, without any account.`,
  );
}

/** Reads only; before the database is opened. @throws Error in words */
export function examineDatabaseFiles(home: string): void {
  const path = databasePath(home);
  for (const file of [path, `${path}-wal`, `${path}-shm`]) requireFile(home, file);
  const head = beginningOf(home, path, MAGIC.length);
  if (head && head.length > 0 && head.toString("latin1") !== MAGIC)
    throw damaged(
      home,
      `${path} is no database, or its beginning is damaged. ${RESTORE}, or move ${path} away to begin anew, without any account.`,
    );
  examineLog(home, `${path}-wal`);
}

/** The header is on the disk before anything follows it: where something does, and it is not whole, it was damaged later. */
function examineLog(home: string, path: string): void {
  const header = beginningOf(home, path, LOG_HEADER_BYTES);
  if (!header || statSync(path).size <= LOG_HEADER_BYTES || isWholeHeader(header)) return;
  throw damaged(
    home,
    `${path}, which has the last changes, is damaged at its beginning. ${RESTORE}; or, to go on without those changes, move ${path} away.`,
  );
}

/** Undefined when there is no such file. */
function beginningOf(home: string, path: string, bytes: number): Buffer | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(path, "r");
    const beginning = Buffer.alloc(bytes);
    return beginning.subarray(0, readSync(fd, beginning, 0, bytes, 0));
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    if (code === "EACCES" || code === "EPERM")
      throw damaged(
        home,
        `${path} may not be read by you. Start MacJarvis as the user it belongs to, or change its owner.`,
      );
    throw damaged(
      home,
      `${path} cannot be read (${code}): the disk may be failing. ${RESTORE}, on another disk.`,
    );
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function damaged(home: string, words: string): Error {
  return new Error(`The data folder ${home} cannot be used: ${words}`);
}
