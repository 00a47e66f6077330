// Copies an opened file under a new name, with its mode (never setuid), its times and, on macOS, its extended attributes.
import { constants } from "node:fs";
import { copyFile, type FileHandle, open } from "node:fs/promises";
import { FileProblem, systemCodeOf } from "../../../../lib/files/file-problem.ts";
import { type HeldDirectory, SAFELY } from "./held-directory.ts";
import type { OpenFile } from "./open-file.ts";
import { EXCLUSIVELY } from "./reserve-name.ts";
import { unlinkIfThere } from "./write-atomically.ts";

/** What the machine has for it; given by tests. */
export type CopySystem = { platform: NodeJS.Platform; copyFile: typeof copyFile };
const SYSTEM: CopySystem = { platform: process.platform, copyFile };

const PIECE = 1_048_576;
/** Copies of macOS keep times by the microsecond, in older versions. */
const SAME_TIME_MS = 1;

/**
 * @param name of the new file in the directory; nothing has it
 * @returns its size in bytes
 * @throws FileProblem `changed` for a file that is cut off meanwhile, AbortError, or a system error; then a part of it may be there
 */
export async function copyData(
  source: OpenFile,
  directory: HeldDirectory,
  name: string,
  signal: AbortSignal,
  system: CopySystem = SYSTEM,
): Promise<number> {
  signal.throwIfAborted();
  if (system.platform === "darwin" && (await cloned(source, directory, name, system)))
    return source.stats.size;
  await using handle = await open(directory.entry(name), EXCLUSIVELY, 0o600);
  const { size } = source.stats;
  // What is added to a log meanwhile is not waited for.
  if ((await pump(source.handle, handle, size, signal)) < size)
    throw new FileProblem("changed", `"${source.path}" was cut off while it was copied; try again.`);
  await handle.utimes(source.stats.atime, source.stats.mtime);
  await handle.chmod(source.stats.mode & 0o777);
  await handle.sync();
  return size;
}

/**
 * By the system's own copy, which alone keeps attributes, and shares the data on APFS. It takes a name, so what it made is only
 * kept when it is a copy of the file that was opened. False when it is not, or where it cannot be done; then nothing is there.
 */
async function cloned(
  { path, stats }: OpenFile,
  directory: HeldDirectory,
  name: string,
  system: CopySystem,
): Promise<boolean> {
  try {
    await system.copyFile(path, directory.entry(name), constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    await using handle = await open(directory.entry(name), constants.O_RDONLY | SAFELY);
    const made = await handle.stat();
    const isSame = made.size === stats.size && Math.abs(made.mtimeMs - stats.mtimeMs) < SAME_TIME_MS;
    if (isSame && made.isFile()) {
      await handle.chmod(stats.mode & 0o777);
      await handle.sync();
      return true;
    }
  } catch (error: unknown) {
    const code = systemCodeOf(error);
    if (code === undefined || code === "ENOSPC" || code === "EDQUOT") throw error;
  }
  await unlinkIfThere(directory, name);
  return false;
}

async function pump(from: FileHandle, to: FileHandle, size: number, signal: AbortSignal): Promise<number> {
  const buffer = Buffer.allocUnsafe(Math.min(PIECE, size));
  let at = 0;
  while (at < size) {
    signal.throwIfAborted();
    const { bytesRead } = await from.read(buffer, 0, Math.min(buffer.length, size - at), at);
    if (bytesRead === 0) break;
    for (let written = 0; written < bytesRead; )
      written += (await to.write(buffer, written, bytesRead - written)).bytesWritten;
    at += bytesRead;
  }
  return at;
}
