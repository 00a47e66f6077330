// Locks on open descriptors (flock(2)): of files and folders themselves, whatever they are called and however they are reached.
// Removing files does not loosen them, a process that dies leaves nothing behind, and a child does not inherit them.
import { spawnSync } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";

/** open(2) on macOS: takes the lock in the same step. */
const O_EXLOCK = 0x20;
/** Of the shell, when it does not find the program; of flock, when somebody else has the lock. */
const NO_PROGRAM = 127;
const TAKEN = 1;

/** `isLocked`: false where this system has no program to take the lock with; then something else has to do. */
export type HeldLocks = { isLocked: boolean; release: (() => void)[] };

/**
 * Opens and locks. On macOS locks of this kind and SQLite's get into each other's way: no file of a database there.
 * @param things flags as of open(2); files are made with mode 0600 where the flags say so
 * @throws the system's error; its code is EAGAIN when another process has one of them
 */
export function lockOpened(things: { path: string; flags: number }[]): HeldLocks {
  const opened: number[] = [];
  const release = () => opened.map((fd) => () => closeSync(fd));
  const isMac = process.platform === "darwin";
  try {
    for (const { path, flags } of things)
      opened.push(openSync(path, isMac ? flags | constants.O_NONBLOCK | O_EXLOCK : flags, 0o600));
    return { isLocked: isMac || flock(opened), release: release() };
  } catch (thrown) {
    for (const letGo of release()) letGo();
    throw thrown;
  }
}

/** A lock of flock(2) belongs to the open file, not to the process: the program takes it on ours and ends. */
function flock(files: number[]): boolean {
  const commands = files.map((_, index) => `flock -n -x ${index + 3}`).join(" && ");
  const { status, stderr } = spawnSync("/bin/sh", ["-c", commands], {
    stdio: ["ignore", "ignore", "pipe", ...files],
    encoding: "utf8",
  });
  if (status === 0) return true;
  if (status === NO_PROGRAM || status === null) return false;
  throw Object.assign(new Error(stderr.trim()), { code: status === TAKEN ? "EAGAIN" : "ENOLCK" });
}
