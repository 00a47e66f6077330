// Control groups of the Linux kernel (cgroups(7), version 1 or 2): one for each sandboxed command, where the server may make
// them (as root, mostly). They bound what all its processes take together; prlimit bounds each, and its count not for root.
import { mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { readMounts } from "../../lib/system/mounts.ts";
import { MEMORY_BYTES, PROCESSES } from "./limits.ts";

/** A folder in which groups are made, and the files that limit one. Version 1 has a folder for each kind of limit. */
type Hierarchy = { folder: string; limits: [file: string, value: string][] };

export type ControlGroup = {
  /** It limits memory. */
  isCounted: boolean;
  /** Makes the command and all it starts members. */
  wrap(argv: string[]): string[];
  /** When all its processes have ended. */
  remove(): Promise<void>;
};

const PREFIX = "macjarvis-";
/** Of the whole process: two machines in it must not give their groups the same names. */
let made = 0;
/** The length of time over which processors are shared out, in microseconds. */
const PERIOD = 100_000;
/** Joins each group named before `--` and becomes the command; the values are arguments that no shell reads. */
const JOIN = 'while [ "$1" != -- ]; do echo 0 > "$1/cgroup.procs" || exit 125; shift; done; shift; exec "$@"';

export class ControlGroups {
  readonly #hierarchies: Hierarchy[];

  constructor(hierarchies: Hierarchy[] = []) {
    this.#hierarchies = hierarchies;
  }

  /** Those of this machine, found out by making a group; none where that is not permitted. Removes what a killed server left. */
  static async open(): Promise<ControlGroups> {
    const found: Hierarchy[] = [];
    for (const hierarchy of await hierarchies()) {
      await removeLeftovers(hierarchy.folder);
      const groups = new ControlGroups([hierarchy]);
      const group = await groups.make();
      if (group) found.push(hierarchy);
      await group?.remove();
    }
    return new ControlGroups(found);
  }

  /** A group for one command; undefined where there are none. */
  async make(): Promise<ControlGroup | undefined> {
    if (this.#hierarchies.length === 0) return undefined;
    made += 1;
    const name = `${PREFIX}${process.pid}-${made}`;
    const folders = this.#hierarchies.map(({ folder }) => join(folder, name));
    try {
      for (const { folder, limits } of this.#hierarchies) {
        await mkdir(join(folder, name));
        for (const [file, value] of limits) await writeFile(join(folder, name, file), value);
      }
    } catch {
      await remove(folders);
      return undefined;
    }
    return {
      isCounted: this.#hierarchies.some(({ limits }) => limits.some(([file]) => file.startsWith("memory."))),
      wrap: (argv) => ["/bin/sh", "-c", JOIN, "sh", ...folders, "--", ...argv],
      remove: () => remove(folders),
    };
  }
}

/** Where limits of memory, processes and processors may be set, whether they are permitted or not. */
async function hierarchies(): Promise<Hierarchy[]> {
  const [mounts, own] = await Promise.all([
    readMounts().catch(() => []),
    readFile("/proc/self/cgroup", "utf8").catch(() => ""),
  ]);
  const processors = Math.round(PERIOD * Math.max(0.8, availableParallelism() - 1));
  const ofOne: Record<string, Hierarchy["limits"]> = {
    memory: [["memory.limit_in_bytes", String(MEMORY_BYTES)]],
    pids: [["pids.max", String(PROCESSES)]],
    cpu: [
      ["cpu.cfs_period_us", String(PERIOD)],
      ["cpu.cfs_quota_us", String(processors)],
    ],
  };
  const found = Object.entries(ofOne).flatMap(([controller, limits]) => {
    const mount = mounts.find(({ type, options }) => type === "cgroup" && options.includes(controller));
    const path = own.split("\n").find((line) => line.split(":")[1]?.split(",").includes(controller));
    return mount ? [{ folder: join(mount.path, path?.split(":")[2] ?? ""), limits }] : [];
  });
  const two = mounts.find(({ type }) => type === "cgroup2");
  // The controllers belong to one version only; where version 1 has them, version 2 has none to give.
  if (found.length > 0 || !two) return found;
  return [
    {
      folder: two.path,
      limits: [
        ["memory.max", String(MEMORY_BYTES)],
        ["pids.max", String(PROCESSES)],
        ["cpu.max", `${processors} ${PERIOD}`],
      ],
    },
  ];
}

const TRIES = 20;
const PAUSE_MS = 50;

/** A group is busy for a moment after its last process has ended. */
async function remove(folders: string[]): Promise<void> {
  for (const folder of folders) {
    for (let attempt = 1; attempt <= TRIES; attempt += 1) {
      const code = await rmdir(folder).then(
        () => undefined,
        (thrown: NodeJS.ErrnoException) => thrown.code,
      );
      if (code !== "EBUSY") break;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

/** Empty groups of servers that were killed; those of one that runs are not empty or will be removed by it. */
async function removeLeftovers(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const [, pid = ""] = /^macjarvis-(\d+)-\d+$/.exec(name) ?? [];
    if (pid === "" || isAlive(Number(pid))) continue;
    await rmdir(join(folder, name)).catch(() => undefined);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
