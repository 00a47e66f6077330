// The processes of this machine, on Linux and on macOS: what process_list and top_processes show.
import { setTimeout as sleep } from "node:timers/promises";
import { readLinuxProcesses } from "./linux-processes.ts";
import { readMacProcesses } from "./mac-processes.ts";
import type { ProcessContext, ProcessRow } from "./process-row.ts";

/** Between the two looks that give the load of the moment on Linux. */
const SAMPLE_MS = 200;

/** All processes by pid. `cpu_percent` is the mean since the process started on Linux, that of the last minute on macOS. */
export async function listProcesses(
  context: ProcessContext,
  platform: NodeJS.Platform = process.platform,
): Promise<ProcessRow[]> {
  if (platform === "darwin") return readMacProcesses(context);
  const { rows } = await readLinuxProcesses(context.signal);
  return rows.map(({ cpu_seconds, age_seconds, started: _started, ...row }) => ({
    ...row,
    cpu_percent: percent(cpu_seconds, age_seconds),
  }));
}

/** The processes that use most right now. On Linux the load is measured over about 200 ms. */
export async function topProcesses(
  context: ProcessContext,
  by: "cpu" | "memory",
  limit: number,
  platform: NodeJS.Platform = process.platform,
): Promise<ProcessRow[]> {
  const rows = platform === "darwin" ? await readMacProcesses(context) : await sampleLinux(context.signal);
  const weight = (row: ProcessRow) => (by === "cpu" ? (row.cpu_percent ?? 0) : row.memory_bytes);
  return rows.toSorted((one, other) => weight(other) - weight(one)).slice(0, limit);
}

async function sampleLinux(signal: AbortSignal): Promise<ProcessRow[]> {
  const before = await readLinuxProcesses(signal);
  await sleep(SAMPLE_MS, undefined, { signal });
  const after = await readLinuxProcesses(signal);
  const earlier = new Map(before.rows.map((row) => [`${row.pid}/${row.started}`, row.cpu_seconds]));
  return after.rows.map(({ cpu_seconds, age_seconds, started, ...row }) => {
    const known = earlier.get(`${row.pid}/${started}`);
    // A process younger than the first look has spent all of its time since then.
    const seconds = known === undefined ? age_seconds : (after.takenAt - before.takenAt) / 1000;
    return { ...row, cpu_percent: percent(cpu_seconds - (known ?? 0), seconds) };
  });
}

function percent(cpuSeconds: number, seconds: number): number | null {
  return seconds > 0 ? Math.round((cpuSeconds / seconds) * 1000) / 10 : null;
}
