// Many starts in one process, as loading the program is most of a start that fails.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { environment } from "./environment.ts";
import type { Outcome, Try } from "./try-to-start.ts";

const ROOT = join(import.meta.dirname, "../..");

/** What a process says that tried one after the other; it has ended by itself. */
export async function tryToStart(tries: Try[]): Promise<Outcome[]> {
  const argv = ["test/support/try-to-start.ts", JSON.stringify(tries)];
  const child = spawn(join(ROOT, "node_modules/.bin/node"), argv, {
    cwd: ROOT,
    env: environment({ PORT: "0", SANDBOX: "off", LOG_LEVEL: "fatal", LOG_FORMAT: "json" }),
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.on("data", (piece) => (said += String(piece)));
  await once(child, "close");
  return JSON.parse(said) as Outcome[];
}
