// Opens a regular file so that what was checked is what is read or appended to (G27).
import { constants, type Stats } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import type { Boundary, FileAccess } from "../../../../lib/files/boundary.ts";
import { FileProblem } from "../../../../lib/files/file-problem.ts";
import { assertOpenedIsAllowed, type HeldDirectory, SAFELY } from "./held-directory.ts";
import { openPlace, type Place } from "./open-place.ts";

/** A regular file that was checked after it was opened. Closes with `await using`. */
export type OpenFile = AsyncDisposable & {
  handle: FileHandle;
  /** Real path. */
  path: string;
  stats: Stats;
};

/** Opens for reading only; for appending, the file made when it is missing if `create` says so. */
export type OpenMode = { mode: "read" } | { mode: "append"; create: boolean };

/**
 * Opens the file that `path` names; a link is followed to an allowed place. Never blocks on a FIFO or a device.
 * @throws FileProblem `not_found`, `not_allowed` (outside, hidden, hard link), `is_directory`, `not_a_file`,
 * `permission_denied`, `changed`
 */
export async function openFile(
  access: FileAccess,
  path: string,
  how: OpenMode = { mode: "read" },
): Promise<OpenFile> {
  const place = await openPlace(access, path, {
    purpose: how.mode === "read" ? "look" : "change",
    followLast: true,
  });
  await using _directory = place.directory;
  return await openInPlace(place, how);
}

/** Opens what is in a place now, with the same checks and failures as `openFile`; a link is refused. */
export async function openInPlace(place: Place, how: OpenMode = { mode: "read" }): Promise<OpenFile> {
  const { boundary, directory, name, path } = place;
  const stats = await directory.look(name);
  if (stats) assertPlainFile(stats, path);
  else if (how.mode === "read" || !how.create)
    throw new FileProblem("not_found", `"${path}" does not exist.`);
  return openEntry(boundary, directory, name, how);
}

/** Opens an entry of a held directory, with the same checks and failures as `openFile`; a link is refused. */
export async function openEntry(
  boundary: Boundary,
  directory: HeldDirectory,
  name: string,
  how: OpenMode = { mode: "read" },
): Promise<OpenFile> {
  const path = join(directory.path, name);
  const handle = await open(directory.entry(name), flagsOf(how) | SAFELY, 0o666);
  try {
    const stats = await handle.stat();
    assertPlainFile(stats, path);
    await assertOpenedIsAllowed(boundary, handle, path, stats);
    return { handle, path, stats, [Symbol.asyncDispose]: () => handle.close() };
  } catch (error: unknown) {
    await handle.close();
    throw error;
  }
}

function flagsOf(how: OpenMode): number {
  if (how.mode === "read") return constants.O_RDONLY;
  // What is there is read too: what is added must be in its encoding.
  return constants.O_RDWR | constants.O_APPEND | (how.create ? constants.O_CREAT : 0);
}

/** @throws FileProblem unless it is a regular file with one name: another name could be that of a hidden file */
export function assertPlainFile(stats: Stats, path: string): void {
  if (stats.isDirectory()) throw new FileProblem("is_directory", `"${path}" is a directory, not a file.`);
  if (!stats.isFile()) {
    throw new FileProblem("not_a_file", `"${path}" is a ${kindOf(stats)}, not a regular file.`);
  }
  if (stats.nlink <= 1) return;
  throw new FileProblem(
    "not_allowed",
    `"${path}" has ${stats.nlink} names (hard links), so it may be a protected file; copy it outside of MacJarvis to use it.`,
  );
}

export type FileKind = "file" | "directory" | "symlink" | "fifo" | "socket" | "device";

/** What kind of thing a stat describes. */
export function kindOf(stats: Stats): FileKind {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "directory";
  if (stats.isSymbolicLink()) return "symlink";
  if (stats.isFIFO()) return "fifo";
  return stats.isSocket() ? "socket" : "device";
}
