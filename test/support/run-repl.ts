// One command of `npm run repl` as a script runs it: no terminal, standard output and standard error apart.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { environment } from "./environment.ts";

const ROOT = join(import.meta.dirname, "..", "..");

/** @param settings its whole environment, but for where programs are */
export async function runRepl(settings: Record<string, string>, ...args: string[]) {
  const child = spawn(join(ROOT, "node_modules/.bin/node"), ["bin/repl.ts", ...args], {
    cwd: ROOT,
    env: environment(settings),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit") as Promise<[number]>,
  ]);
  return { status, stdout, stderr };
}
