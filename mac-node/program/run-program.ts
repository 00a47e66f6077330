// Runs a program of the system for the program of a Mac itself, outside of any call: argv, bounded, a minimal environment.
import { execFile } from "node:child_process";
import { homedir } from "node:os";

export type Ran = { code: number; stdout: string; stderr: string };
export type RunProgram = (argv: string[], input?: string) => Promise<Ran>;

const LIMIT_MS = 30_000;
const NOT_STARTED = 127;

/** @param env added to PATH, HOME and the language */
export function programRunner(env: Record<string, string> = {}): RunProgram {
  return ([program = "", ...args], input = "") =>
    new Promise((resolve) => {
      const child = execFile(
        program,
        args,
        {
          timeout: LIMIT_MS,
          env: { PATH: "/usr/bin:/bin:/usr/sbin:/sbin", HOME: homedir(), LC_ALL: "C", ...env },
          encoding: "utf8",
        },
        (error, stdout, stderr) => {
          const code = error === null ? 0 : typeof error.code === "number" ? error.code : NOT_STARTED;
          resolve({ code, stdout, stderr: error && stderr === "" ? error.message : stderr });
        },
      );
      // One that ends before it has read its input says so itself.
      child.stdin?.on("error", () => undefined);
      child.stdin?.end(input);
    });
}
