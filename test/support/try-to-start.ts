// A process that starts one server after the other, and stops those that it could; then it has to end by itself, with nothing of
// the data folders open. Started by test/flow/failed-start.test.ts; says as JSON what became of each.
import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { startServer } from "../../bin/start/start-server.ts";
import { lockHolder } from "../../lib/embedded/folder-lock.ts";
import { readEnvironment } from "../../lib/env.ts";
import { toError } from "../../lib/errors.ts";

const FILES = "/proc/self/fd";

function openFiles(below: string): string[] {
  if (!existsSync(FILES)) return [];
  const paths = readdirSync(FILES).map((name) => {
    try {
      return readlinkSync(`${FILES}/${name}`);
    } catch {
      return "";
    }
  });
  return paths.filter((path) => path.startsWith(below));
}

/** Where a server shall start, and with which settings. */
export type Try = { home: string; env: Record<string, string> };
/** `message`: why it did not start; null when it did, and was stopped. The rest is what it has left. */
export type Outcome = { message: string | null; open: string[]; lock?: string; listening: boolean };

async function tryToStart({ home, env }: Try): Promise<Outcome> {
  let message: string | null = null;
  try {
    const server = await startServer(readEnvironment({ ...process.env, ...env, MACJARVIS_HOME: home }));
    await server.stop();
  } catch (thrown) {
    message = toError(thrown).message;
  }
  // What was closed is gone a few turns later.
  for (let turn = 0; turn < 5; turn += 1) await nextTurn();
  return {
    message,
    open: openFiles(home),
    ...(existsSync(home) ? { lock: lockHolder(home) } : {}),
    listening: process.getActiveResourcesInfo().includes("TCPServerWrap"),
  };
}

const outcomes: Outcome[] = [];
for (const each of JSON.parse(process.argv[2] ?? "[]") as Try[]) outcomes.push(await tryToStart(each));
process.stdout.write(JSON.stringify(outcomes));
