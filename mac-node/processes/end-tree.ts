// Ends a command with everything it started: its process group, and on Linux also descendants that left the group.
import { findMarked } from "./find-marked.ts";

/** Looks for descendants at most so often: one that forks while we look is found by the next look. */
const LOOKS = 50;

/** Sends a signal to a process group; one that is gone already is no error. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // ESRCH: nobody is left in it.
  }
}

/** Ends at once whatever is left of the group and of those who carry the marker. Safe to call again. */
export async function killTree(pid: number | undefined, markers: string[]): Promise<void> {
  if (pid !== undefined) signalGroup(pid, "SIGKILL");
  for (let look = 0; look < LOOKS; look += 1) {
    const left = await findMarked(markers);
    if (left.length === 0) return;
    for (const descendant of left) kill(descendant, "SIGKILL");
  }
}

/** Asks the whole tree to end. */
export async function askTreeToEnd(pid: number, markers: string[]): Promise<void> {
  signalGroup(pid, "SIGTERM");
  for (const descendant of await findMarked(markers)) kill(descendant, "SIGTERM");
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself.
  }
}
