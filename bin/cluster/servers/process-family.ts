// A process and all that descend from it, each by its id: PostgreSQL's make themselves leaders of their own groups, so that a
// signal to a group does not reach them.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

/** Parents before their children. Those that end meanwhile may be missing or be named all the same. */
export function familyOf(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(familyOf)];
}

/** Sends it to each that is still there. */
export function signalEach(pids: number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

/** Whether it runs or is stopped; what has ended and was not yet waited for by its parent is not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !/^\d+ \(.*\) [ZX]/s.test(read(`/proc/${pid}/stat`));
}

/** Whether a SIGSTOP has reached all of its threads, which takes a moment; where there is no /proc nobody can tell. */
export function isStopped(pid: number): boolean {
  const states = tasksOf(pid).map((task) => read(`/proc/${pid}/task/${task}/stat`));
  return states.every((state) => state === "" || /^\d+ \(.*\) [TZX]/s.test(state));
}

/** How it names itself, on Linux; empty when it has gone. */
export const commandLineOf = (pid: number): string => read(`/proc/${pid}/cmdline`);

function childrenOf(pid: number): number[] {
  if (!existsSync("/proc/self")) return childrenByPs(pid);
  const lists = tasksOf(pid).map((task) => read(`/proc/${pid}/task/${task}/children`));
  return lists.flatMap((list) => list.split(" ").filter(Boolean).map(Number));
}

function childrenByPs(pid: number): number[] {
  const lines = execFileSync("ps", ["-A", "-o", "ppid=,pid="], { encoding: "utf8" }).split("\n");
  const pairs = lines.map((line) => line.trim().split(/ +/).map(Number));
  return pairs.flatMap(([parent, child]) => (parent === pid && child !== undefined ? [child] : []));
}

function tasksOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** Empty when the process has gone. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
