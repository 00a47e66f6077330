// Lets a running server meet a full disk: no file of it may grow (RLIMIT_FSIZE, from outside and only for this process).
import { execFileSync } from "node:child_process";
import { type Obstacle, without } from "./unless.ts";

/** Linux with util-linux can do that. */
export const noFullDisk: Obstacle = without("prlimit", ["--version"], "no disk can be made full");

/** From now on every write of the process fails that lies behind this length of its file, the first byte unless said. */
export function fillDisk(pid: number, length = 1): void {
  execFileSync("prlimit", ["--pid", String(pid), `--fsize=${length}:unlimited`]);
}

export function freeDisk(pid: number): void {
  execFileSync("prlimit", ["--pid", String(pid), "--fsize=unlimited:unlimited"]);
}
