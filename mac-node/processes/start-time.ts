// When a process began, as text that differs for two processes with the same id: how a restarted server knows that a
// process id from the journal is still the one it started.
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";

/** Undefined when there is no such process. */
export async function startTimeOf(pid: number): Promise<string | undefined> {
  return process.platform === "linux" ? fromProc(pid) : fromPs(pid);
}

/** Field 22 of /proc/<pid>/stat, in ticks since boot (proc(5)). The name before it may hold spaces and brackets. */
async function fromProc(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

function fromPs(pid: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile("/bin/ps", ["-o", "lstart=", "-p", String(pid)], (_error, stdout) =>
      resolve(stdout.trim() || undefined),
    );
  });
}
