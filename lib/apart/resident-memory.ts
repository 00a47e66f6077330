// How much memory another process really takes. Looked at while it works (run-apart.ts), because it is too busy to look itself.
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

const KB = 1_024;

/** In bytes; 0 for a process that is gone, or where that cannot be told. */
export async function residentMemory(
  pid: number,
  platform: NodeJS.Platform = process.platform,
): Promise<number> {
  try {
    if (platform === "linux") return residentOf(await readFile(`/proc/${pid}/status`, "utf8"));
    const { stdout } = await promisify(execFile)("/bin/ps", ["-o", "rss=", "-p", String(pid)], { env: {} });
    return Number(stdout.trim()) * KB || 0;
  } catch {
    return 0;
  }
}

/** From proc_pid_status(5). */
export const residentOf = (status: string): number =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * KB;
