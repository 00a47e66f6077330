// Lets a running server meet a full disk: no file of it may grow (RLIMIT_FSIZE, from outside and only for this process).
import { execFileSync } from "node:child_process";

/** Whether this machine can do that: Linux with util-linux. */
export function canFillDisk(): boolean {
  try {
    execFileSync("prlimit", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    process.stdout.write(
      "skipped: there is no prlimit here (util-linux on Linux), so no disk can be made full\n",
    );
    return false;
  }
}

/** From now on every write of the process fails that lies behind this length of its file, the first byte unless said. */
export function fillDisk(pid: number, length = 1): void {
  execFileSync("prlimit", ["--pid", String(pid), `--fsize=${length}:unlimited`]);
}

export function freeDisk(pid: number): void {
  execFileSync("prlimit", ["--pid", String(pid), "--fsize=unlimited:unlimited"]);
}
