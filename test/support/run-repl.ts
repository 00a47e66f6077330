// `npm run repl` as a script runs it, one command or lines from a pipe: no terminal, standard output and standard error apart.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { environment } from "./environment.ts";

const ROOT = join(import.meta.dirname, "..", "..");

/** @param settings its whole environment, but for where programs are */
export function runRepl(settings: Record<string, string>, ...args: string[]) {
  return run(settings, args, undefined);
}

/** @param lines as a pipe gives them, which ends behind them */
export function runReplPiped(settings: Record<string, string>, lines: string) {
  return run(settings, [], lines);
}

async function run(settings: Record<string, string>, args: string[], input: string | undefined) {
  const child = spawn(join(ROOT, "node_modules/.bin/node"), ["bin/repl.ts", ...args], {
    cwd: ROOT,
    env: environment(settings),
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  child.stdin?.end(input);
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout as Readable),
    text(child.stderr as Readable),
    once(child, "exit") as Promise<[number]>,
  ]);
  return { status, stdout, stderr };
}
