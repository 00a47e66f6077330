// How much of the machine one sandboxed command may take, and the prlimit(1) arguments that hold it to that.

import { readFileSync } from "node:fs";

const MEBIBYTE = 1_048_576;
/** Memory that a process may write to, in bytes. */
export const MEMORY_BYTES = 512 * MEBIBYTE;
/** What /dev/shm may hold, in bytes. */
export const SHARED_MEMORY_BYTES = 64 * MEBIBYTE;
/**
 * What a process may write to where a control group counts what it does write to. V8 reserves 512 MB for code, writable, and
 * touches little of it: by `prlimit` alone Node 24 does not start.
 */
const COUNTED_DATA_BYTES = 2_048 * MEBIBYTE;
/** Address space: far more than memory, because Node and Go reserve what they never touch; bounds shared memory. */
const ADDRESS_SPACE_BYTES = 16_384 * MEBIBYTE;
export const PROCESSES = 256;
/** Open files of a process: those of all together stay below what a machine has (`fs.file-max`). */
const OPEN_FILES = Math.min(8_192, mostOpenFiles());
const FILE_BYTES = 1_024 * MEBIBYTE;
/** Commands give way to the server. */
const NICENESS = 10;

/**
 * Argv that starts what follows it within the limits; each process of the tree has them.
 * @param isCounted whether a control group limits the memory of all of them together
 */
export function limited(isCounted: boolean): string[] {
  return [
    "nice",
    "-n",
    String(NICENESS),
    "prlimit",
    `--data=${isCounted ? COUNTED_DATA_BYTES : MEMORY_BYTES}`,
    `--as=${ADDRESS_SPACE_BYTES}`,
    `--nproc=${PROCESSES}`,
    `--fsize=${FILE_BYTES}`,
    `--nofile=${OPEN_FILES}`,
    "--core=0",
    "--",
  ];
}

/** For a Mac, which has no prlimit: the shell's own, with the command's argv as values that no shell reads. */
export function limitedOnMac(): string[] {
  const blocks = FILE_BYTES / 512;
  return ["/bin/sh", "-c", `ulimit -c 0; ulimit -f ${blocks}; exec "$@"`, "sh"];
}

/** What this process may set; only root could set more. */
function mostOpenFiles(): number {
  try {
    const [, most] = /^Max open files +\S+ +(\d+)/m.exec(readFileSync("/proc/self/limits", "latin1")) ?? [];
    return most === undefined ? Number.POSITIVE_INFINITY : Number(most);
  } catch {
    // No Linux: then there is no prlimit either.
    return Number.POSITIVE_INFINITY;
  }
}
