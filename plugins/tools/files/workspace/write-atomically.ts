// Writes a file so that it is there whole or not at all: a temporary file in the held directory, then a rename there.
import { randomBytes } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { type FileHandle, link, open, rename, unlink } from "node:fs/promises";
import type { FileAccess } from "../../../../lib/files/boundary.ts";
import { FileProblem, systemCodeOf } from "../../../../lib/files/file-problem.ts";
import { type HeldDirectory, SAFELY } from "./held-directory.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { assertPlainFile, type OpenFile, openInPlace } from "./open-file.ts";
import { openPlace, type Place } from "./open-place.ts";

export type WriteOptions = {
  /** Replace a file that is there; else it is the problem `exists`. */
  overwrite: boolean;
  /** Only replace the file in exactly this state, as read before; else it is the problem `changed`. */
  onlyIf?: Stats;
};
export type Written = { path: string; bytes: number; created: boolean };

/** Fills the new file, e.g. from a stream; `old` is what it replaces. What it throws ends the writing, and the old file stays. */
export type Fill = (handle: FileHandle, old: OpenFile | undefined) => Promise<void>;

/**
 * Makes or replaces the file that `path` names; a link is followed to an allowed place. A replaced file keeps its mode
 * and, where the system permits, its owner. Two at once: one after the other.
 * @throws FileProblem `exists`, `changed`, `not_found` (the folder), `not_allowed`, `is_directory`, `not_a_file`,
 * `no_space`, `permission_denied` …; the old file is then unchanged
 */
export async function writeAtomically(
  access: FileAccess,
  path: string,
  options: WriteOptions,
  fill: Fill,
): Promise<Written> {
  const place = await openPlace(access, path, { purpose: "change", followLast: true });
  await using _directory = place.directory;
  return await oneAtATime(place.path, () => writeInPlace(place, options, fill));
}

/** As `writeAtomically`, for callers that have the turn of `place.path` in `oneAtATime` already. */
export function writeInPlace(place: Place, options: WriteOptions, fill: Fill): Promise<Written> {
  return putInPlace(place, options, (temporary, old) => fillTemporary(place.directory, temporary, old, fill));
}

/**
 * As `writeInPlace`, for a file that is made in another way.
 * @param make makes a file of this name in the place's directory and gives its size
 */
export async function putInPlace(
  place: Place,
  options: WriteOptions,
  make: (temporary: string, old: OpenFile | undefined) => Promise<number>,
): Promise<Written> {
  const { directory, boundary, name, path } = place;
  const there = await directory.look(name);
  await using old = there && (await openReplaceable(place, there, options));
  const temporary = temporaryName();
  let bytes = 0;
  try {
    bytes = await make(temporary, old);
    await directory.assertAllowed(boundary);
    if (options.onlyIf) assertSame(options.onlyIf, await directory.look(name), path);
    if (options.overwrite) await rename(directory.entry(temporary), directory.entry(name));
    else await giveNewName(directory, temporary, name, path);
  } catch (error: unknown) {
    await unlinkIfThere(directory, temporary);
    throw error;
  }
  await directory.handle.sync();
  return { path, bytes, created: old === undefined };
}

/** A name that nothing has, for what is not yet in its place. */
export const temporaryName = () => `.macjarvis-${randomBytes(8).toString("hex")}.tmp`;

/**
 * What is replaced is opened for writing first: it must be allowed as if it were written to.
 * @throws FileProblem `exists`, and as `openFile`
 */
export async function openReplaceable(place: Place, there: Stats, options: WriteOptions): Promise<OpenFile> {
  assertPlainFile(there, place.path);
  if (!options.overwrite) throw existsProblem(place.path);
  const old = await openInPlace(place, { mode: "append", create: false });
  try {
    if (options.onlyIf) assertSame(options.onlyIf, old.stats, place.path);
    return old;
  } catch (error: unknown) {
    await old[Symbol.asyncDispose]();
    throw error;
  }
}

async function fillTemporary(
  directory: HeldDirectory,
  temporary: string,
  replaced: OpenFile | undefined,
  fill: Fill,
): Promise<number> {
  const old = replaced?.stats;
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | SAFELY;
  await using handle = await open(directory.entry(temporary), flags, old ? 0o600 : 0o666);
  await fill(handle, replaced);
  const made = await handle.stat();
  if (old) {
    if (old.uid !== made.uid || old.gid !== made.gid) await keepOwner(handle, old);
    await handle.chmod(old.mode & 0o777);
  }
  await handle.sync();
  return made.size;
}

/** Only root may give files away; for others the new file is theirs, as with any editor that renames. */
async function keepOwner(handle: FileHandle, { uid, gid }: Stats): Promise<void> {
  try {
    await handle.chown(uid, gid);
  } catch (error: unknown) {
    if (systemCodeOf(error) !== "EPERM") throw error;
  }
}

/** A link fails when the name is taken, where a rename would replace what is there. */
async function giveNewName(
  directory: HeldDirectory,
  temporary: string,
  name: string,
  path: string,
): Promise<void> {
  try {
    await link(directory.entry(temporary), directory.entry(name));
    await unlink(directory.entry(temporary));
  } catch (error: unknown) {
    const code = systemCodeOf(error);
    if (code === "EEXIST") throw existsProblem(path);
    if (code === undefined || !["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"].includes(code)) throw error;
    await reserveAndRename(directory, temporary, name);
  }
}

/** For volumes without hard links (exFAT, some network shares): an empty file takes the name first. */
async function reserveAndRename(directory: HeldDirectory, temporary: string, name: string): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | SAFELY;
  const reserved = await open(directory.entry(name), flags, 0o600);
  await reserved.close();
  await rename(directory.entry(temporary), directory.entry(name));
}

export async function unlinkIfThere(directory: HeldDirectory, name: string): Promise<void> {
  try {
    await unlink(directory.entry(name));
  } catch (error: unknown) {
    if (systemCodeOf(error) !== "ENOENT") throw error;
  }
}

function assertSame(before: Stats, now: Stats | undefined, path: string): void {
  const same =
    now?.ino === before.ino &&
    now.dev === before.dev &&
    now.size === before.size &&
    now.mtimeMs === before.mtimeMs;
  if (!same) throw new FileProblem("changed", `"${path}" was changed by somebody else; read it again.`);
}

const existsProblem = (path: string) =>
  new FileProblem("exists", `"${path}" exists already; set overwrite to true to replace it.`);
