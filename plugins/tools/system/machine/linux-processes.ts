// Processes from /proc, read without a child process and without blocking; used by processes.ts. Format: proc(5).
import { readdir, readFile } from "node:fs/promises";
import { shownCommand } from "../../../../lib/system/mask-secrets.ts";
import type { ProcessRow } from "./process-row.ts";

export type LinuxProcess = Omit<ProcessRow, "cpu_percent"> & {
  cpu_seconds: number;
  age_seconds: number;
  /** Start in clock ticks since boot: with the pid it names one process for ever. */
  started: number;
};

/** Files that are opened at once: enough for speed, too few to crowd out other file work. */
const AT_ONCE = 32;
/** USER_HZ: 100 on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;

/** All processes that this user may see, by pid, and when they were read on the monotonic clock in milliseconds. */
export async function readLinuxProcesses(
  signal: AbortSignal,
): Promise<{ rows: LinuxProcess[]; takenAt: number }> {
  const takenAt = performance.now();
  const [names, users, uptimeText] = await Promise.all([
    readdir("/proc"),
    userNames(),
    readFile("/proc/uptime", "utf8"),
  ]);
  const uptime = Number.parseFloat(uptimeText);
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const rows: LinuxProcess[] = [];
  for (let start = 0; start < pids.length; start += AT_ONCE) {
    signal.throwIfAborted();
    const batch = pids.slice(start, start + AT_ONCE).map((pid) => readProcess(pid, users, uptime));
    for (const row of await Promise.all(batch)) if (row) rows.push(row);
  }
  return { rows: rows.toSorted((one, other) => one.pid - other.pid), takenAt };
}

/** Null when the process has ended in the meantime. */
async function readProcess(
  pid: number,
  users: Map<string, string>,
  uptime: number,
): Promise<LinuxProcess | null> {
  try {
    const folder = `/proc/${pid}`;
    const [stat, status, commandLine] = await Promise.all([
      readFile(`${folder}/stat`, "utf8"),
      readFile(`${folder}/status`, "utf8"),
      readFile(`${folder}/cmdline`, "utf8"),
    ]);
    // The name stands in brackets and may itself hold brackets and spaces: the numbers begin after the last one.
    const end = stat.lastIndexOf(")");
    const name = stat.slice(stat.indexOf("(") + 1, end);
    const fields = stat
      .slice(end + 2)
      .split(" ")
      .map(Number);
    const [parent = 0, userTicks = 0, systemTicks = 0, started = 0] = [
      fields[1],
      fields[11],
      fields[12],
      fields[19],
    ];
    const uid = /^Uid:\s+(\d+)/m.exec(status)?.[1] ?? "";
    const resident = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
    return {
      pid,
      parent_pid: parent,
      user: users.get(uid) ?? uid,
      memory_bytes: resident * 1024,
      command: shownCommand(commandLine.split("\0")) || `[${name}]`,
      cpu_seconds: (userTicks + systemTicks) / TICKS_PER_SECOND,
      age_seconds: uptime - started / TICKS_PER_SECOND,
      started,
    };
  } catch (error: unknown) {
    const code = (error as { code?: unknown } | null)?.code;
    if (code === "ENOENT" || code === "ESRCH" || code === "EACCES" || code === "EPERM") return null;
    throw error;
  }
}

/** Local names by uid; users of a directory service are shown by their number. */
async function userNames(): Promise<Map<string, string>> {
  const text = await readFile("/etc/passwd", "utf8").catch(() => "");
  const entries = text.split("\n").map((line) => line.split(":"));
  return new Map(entries.map(([name = "", , uid = ""]) => [uid, name]));
}
