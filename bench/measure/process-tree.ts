// CPU time and memory of a process with all its descendants: from /proc on Linux, from ps elsewhere.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

export type Footprint = { cpuMs: number; rssMb: number; processes: number };

type Entry = { pid: number; parent: number; cpuMs: number; rssMb: number };

/** /proc counts CPU time in ticks of 10 ms (USER_HZ) and memory in pages. */
const TICK_MS = 10;
const PAGE_MB = 4_096 / 1_048_576;

/** What the processes have used since they were started, ended and awaited children included. */
export function footprint(root: number): Footprint {
  const entries = process.platform === "linux" ? fromProc() : fromPs();
  const members = new Set([root]);
  // Parents may be listed after their children: repeat until nobody new is found.
  for (let size = 0; size !== members.size; ) {
    size = members.size;
    for (const { pid, parent } of entries) if (members.has(parent)) members.add(pid);
  }
  const own = entries.filter(({ pid }) => members.has(pid));
  return {
    cpuMs: own.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    rssMb: own.reduce((sum, { rssMb }) => sum + rssMb, 0),
    processes: own.length,
  };
}

function fromProc(): Entry[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const text = readFileSync(`/proc/${name}/stat`, "utf8");
      // The command's name, in brackets, may hold spaces: fields are counted from behind it (proc(5), the third is `state`).
      const fields = text
        .slice(text.lastIndexOf(")") + 2)
        .split(" ")
        .map(Number);
      const field = (number: number) => fields[number - 3] ?? 0;
      const ticks = field(14) + field(15) + field(16) + field(17);
      return [{ pid: Number(name), parent: field(4), cpuMs: ticks * TICK_MS, rssMb: field(24) * PAGE_MB }];
    } catch {
      // It ended while we looked.
      return [];
    }
  });
}

function fromPs(): Entry[] {
  const text = execFileSync("ps", ["-axo", "pid=,ppid=,time=,rss="], { encoding: "utf8" });
  return text.split("\n").flatMap((line) => {
    const [pid, parent, time, rss] = line.trim().split(/\s+/);
    if (!pid || !time) return [];
    // [[dd-]hh:]mm:ss.ss
    const seconds = time.split(/[-:]/).reduceRight(
      ({ sum, unit }, part, index, all) => ({
        sum: sum + Number(part) * unit,
        unit: unit * (all.length - index === 3 ? 24 : 60),
      }),
      { sum: 0, unit: 1 },
    );
    return [
      { pid: Number(pid), parent: Number(parent), cpuMs: seconds.sum * 1_000, rssMb: Number(rss) / 1_024 },
    ];
  });
}
