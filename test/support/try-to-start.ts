// A process that starts the server, and stops it if it could; then it has to end by itself, with nothing of the data folder open.
// Started by test/flow/failed-start.test.ts with the server's environment; says as JSON what became of it.
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

const home = process.argv[2] ?? "";
let message: string | null = null;
try {
  const server = await startServer(readEnvironment(process.env));
  await server.stop();
} catch (thrown) {
  message = toError(thrown).message;
}
// What was closed is gone a few turns later.
for (let turn = 0; turn < 5; turn += 1) await nextTurn();
const listening = process.getActiveResourcesInfo().includes("TCPServerWrap");
process.stdout.write(
  JSON.stringify({
    message,
    open: openFiles(home),
    lock: existsSync(home) ? lockHolder(home) : undefined,
    listening,
  }),
);
