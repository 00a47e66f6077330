// Sees to it that a server and its data go when the tests do, also when those are killed: a shell of its own session that waits
// for the end of a pipe (guard.sh).
import { spawn } from "node:child_process";
import { join } from "node:path";

const SCRIPT = join(import.meta.dirname, "guard.sh");

export type Guard = {
  /** What runs from now on; undefined when nothing does. */
  watch(pid: number | undefined): void;
  /** It ends, and removes what is left of the folder. */
  end(): void;
};

/** @param folder is removed at last; empty for none. @param signal ends the server in order */
export function startGuard(folder: string, signal: NodeJS.Signals): Guard {
  const shell = spawn("sh", [SCRIPT, folder, signal.slice("SIG".length)], {
    stdio: ["pipe", "ignore", "ignore"],
    // A Ctrl-C for the tests is none for the guard.
    detached: true,
  });
  // It must not keep the tests running, nor fail them when somebody has killed it.
  shell.unref();
  shell.stdin.on("error", () => undefined);
  return {
    watch: (pid) => void shell.stdin.write(`${pid ?? ""}\n`),
    end: () => void shell.stdin.end(),
  };
}
