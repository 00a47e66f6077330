// Finds processes of a command or a call in /proc by the marker in their environment, also those that left its process
// group. Linux only: elsewhere a process's environment cannot be read.
import { readdir, readFile } from "node:fs/promises";
import { MARKER } from "./environment.ts";

/** Processes looked at together: each is a file to open. */
const AT_ONCE = 64;
/** Lists of processes read until one shows nobody new. */
const LISTS = 20;

/**
 * The ids of living processes whose marker begins with one of these; empty where there is no /proc.
 * @param markers whole markers, or a call id with a slash for all commands of the call
 */
export async function findMarked(markers: string[]): Promise<number[]> {
  if (process.platform !== "linux" || markers.length === 0) return [];
  const wanted = markers.map((marker) => `${MARKER}=${marker}`);
  const seen = new Set([process.pid]);
  const found: number[] = [];
  // A parent that ends before it is looked at has left its children to the next list.
  for (let list = 0; list < LISTS; list += 1) {
    const pids = (await listed()).filter((pid) => !seen.has(pid));
    if (pids.length === 0) break;
    for (let start = 0; start < pids.length; start += AT_ONCE) {
      const some = pids.slice(start, start + AT_ONCE);
      const marked = await Promise.all(some.map((pid) => isMarked(pid, wanted)));
      found.push(...some.filter((_pid, index) => marked[index]));
    }
    for (const pid of pids) seen.add(pid);
  }
  return found;
}

async function listed(): Promise<number[]> {
  return (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
}

async function isMarked(pid: number, wanted: string[]): Promise<boolean> {
  try {
    const environment = await environmentOf(pid);
    return environment.split("\0").some((entry) => wanted.some((marker) => entry.startsWith(marker)));
  } catch {
    // It ended while we looked, or is not ours: then it is none of our commands.
    return false;
  }
}

/** Milliseconds until a process that is becoming another program is looked at again, and how often. */
const EXEC_PAUSE_MS = 2;
const EXEC_LOOKS = 50;

/** A process that becomes another program while we look (exec) seems to have no environment; it must not be missed. */
async function environmentOf(pid: number): Promise<string> {
  for (let look = 1; ; look += 1) {
    const environment = await readFile(`/proc/${pid}/environ`, "latin1");
    if (environment !== "" || look === EXEC_LOOKS || (await hasNoEnvironment(pid))) return environment;
    await new Promise((resolve) => setTimeout(resolve, EXEC_PAUSE_MS));
  }
}

const KERNEL_THREAD = 0x200000;

/** By state, flags, env_start and env_end in /proc/<pid>/stat, proc(5); the name before them is free text. */
async function hasNoEnvironment(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, flags, start, end] = [fields[0], Number(fields[6]), fields[47], fields[48]];
  if (state === "Z" || state === "X" || (flags & KERNEL_THREAD) !== 0) return true;
  return start === end && start !== "0";
}
