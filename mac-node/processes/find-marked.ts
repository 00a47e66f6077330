// Finds processes of a command or a call in /proc by the marker in their environment, also those that left its process
// group. Linux only: elsewhere a process's environment cannot be read.
import { readdir, readFile } from "node:fs/promises";
import { MARKER } from "./environment.ts";

/** Processes looked at together: each is a file to open. */
const AT_ONCE = 64;

/**
 * The ids of living processes whose marker begins with one of these; empty where there is no /proc.
 * @param markers whole markers, or a call id with a slash for all commands of the call
 */
export async function findMarked(markers: string[]): Promise<number[]> {
  if (process.platform !== "linux" || markers.length === 0) return [];
  const wanted = markers.map((marker) => `${MARKER}=${marker}`);
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const found: number[] = [];
  for (let start = 0; start < pids.length; start += AT_ONCE) {
    const some = pids.slice(start, start + AT_ONCE);
    const marked = await Promise.all(some.map((pid) => isMarked(pid, wanted)));
    found.push(...some.filter((_pid, index) => marked[index]));
  }
  return found.filter((pid) => pid !== process.pid);
}

async function isMarked(pid: number, wanted: string[]): Promise<boolean> {
  try {
    const environment = await readFile(`/proc/${pid}/environ`, "latin1");
    return environment.split("\0").some((entry) => wanted.some((marker) => entry.startsWith(marker)));
  } catch {
    // It ended while we looked, or is not ours: then it is none of our commands.
    return false;
  }
}
