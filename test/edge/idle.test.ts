// The program of a Mac that waits has nothing loaded that it has no use for: what it takes (P8) and how soon it is there follow from that.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { CallId, RunId, UserId } from "../../contracts/ids.ts";
import { newId } from "../../lib/ids.ts";
import { type EdgeStack, startEdgeStack } from "../support/edge/edge-stack.ts";
import type { MacProcess } from "../support/edge/mac-process.ts";
import { waitFor } from "../support/wait-for.ts";

const PROBE = pathToFileURL(join(import.meta.dirname, "../support/loaded-modules.mjs")).href;

let edge: EdgeStack;
beforeAll(async () => {
  edge = await startEdgeStack();
});
afterAll(() => edge.stop());

/** What it has loaded by now. */
async function loadedBy(mac: MacProcess): Promise<string[]> {
  const from = mac.said.length;
  process.kill(mac.pid, "SIGUSR2");
  const told = await waitFor("the modules", () => /^loaded (.*)$/m.exec(mac.said.slice(from))?.[1]);
  return JSON.parse(told) as string[];
}
const toolsAmong = (modules: string[]) =>
  modules.flatMap((name) => /\/plugins\/tools\/[^/]+\/[^/]+\.ts$/.exec(name)?.[0] ?? []);

test("an idle Mac has no tool loaded, and with a call the one that is called", async () => {
  const owner = newId<UserId>("user");
  const mac = await edge.pair(owner, "studio");
  const program = await mac.spawn(undefined, [`--import=${PROBE}`]);
  await edge.connected(mac);
  const idle = await loadedBy(program);
  expect(idle.some((name) => name.endsWith("/mac-node/node.service.ts"))).toBe(true);
  expect(toolsAmong(idle)).toEqual([]);
  const packages =
    /node_modules\/(@modelcontextprotocol|undici|re2js|picomatch|iconv-lite|jschardet|csv-parse|htmlparser2|sharp|unpdf|yauzl|mediainfo\.js|pino-pretty)\//;
  // `import "node:http"` brings fetch and HTTP/2 with it.
  const ofNode = /internal\/(deps\/undici|http2\/core|deps\/minimatch)/;
  expect(idle.filter((name) => packages.test(name) || ofNode.test(name))).toEqual([]);

  await writeFile(join(mac.root, "here.txt"), "on the Mac");
  const outcome = await edge.machine(mac).execute(
    {
      ...{ call_id: newId<CallId>("call"), run_id: newId<RunId>("run"), epoch: 1, attempt: 1 },
      ...{ name: "read_file", args: { path: join(mac.root, "here.txt") }, approved: true },
      deadline_at: Date.now() + 60_000,
    },
    60_000,
  );
  expect(outcome).toMatchObject({ status: "done", result: { ok: true } });
  expect(toolsAmong(await loadedBy(program))).toEqual(["/plugins/tools/files/read-file.ts"]);
});
