// `npm run cluster` as somebody who tries it: one command, a chat, things killed by hand, Ctrl-C.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { isAlive } from "../../bin/cluster/servers/process-family.ts";
import { Client } from "../support/client.ts";
import { environment } from "../support/environment.ts";
import { waitFor } from "../support/wait-for.ts";

const ROOT = join(import.meta.dirname, "../..");
const NODE = join(ROOT, "node_modules/.bin/node");
/** Four servers and six processes start at once, on one slow core too. */
const START_MS = 280_000;
/** Of what waits for that. */
const LIMIT_MS = 900_000;

let folder: string;
let running: ReturnType<typeof start>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "macjarvis-cluster-"));
  // PostgreSQL may be another user's.
  await chmod(folder, 0o711);
  running = start();
  await waitFor(
    "the cluster runs",
    () => {
      if (running.child.exitCode !== null) throw new Error(running.output());
      return running.output().includes("Logs:");
    },
    START_MS,
  );
}, LIMIT_MS);
afterAll(async () => {
  running.child.kill("SIGINT");
  await running.gone;
  await rm(folder, { recursive: true, force: true });
});

function start() {
  const child = spawn(NODE, ["bin/cluster.ts", "--data", join(folder, "data")], {
    cwd: ROOT,
    env: environment({ PORT: "0" }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (words: Buffer) => (output += words.toString()));
  return { child, gone: once(child, "close"), output: () => output };
}

/** Process ids by name, as the table and what followed it say. */
function pids(): Record<string, number> {
  const rows = running.output().matchAll(/^ {2}([\w-]+) +.*? (\d+)(?: +\S+:\/\/\S+)?$/gm);
  const again = running.output().matchAll(/^([\w-]+) runs again: process (\d+)$/gm);
  return Object.fromEntries([...rows, ...again].map(([, name = "", pid]) => [name, Number(pid)]));
}

async function owner(): Promise<Client> {
  const [url = ""] = /http:\/\/127\.0\.0\.1:\d+/.exec(running.output()) ?? [];
  const key = (await readFile(join(folder, "data/core/owner.key"), "utf8")).trim();
  return new Client(url, key);
}

test("says what runs where: four servers, and two gateways, two agents and the rest as processes", () => {
  expect(Object.keys(pids())).toEqual([
    ...["NATS", "PostgreSQL", "MongoDB", "Redis"],
    ...["core", "node", "agent-1", "agent-2", "gateway-1", "gateway-2"],
  ]);
  for (const pid of Object.values(pids())) expect(isAlive(pid)).toBe(true);
});

test(
  "starts again what dies, and a chat works before and after",
  async () => {
    const user = await owner();
    const first = await user.chat({ message: "hello" });
    expect(first.at(-1)).toMatchObject({ event: "done", data: { status: "completed" } });
    const before = pids();
    const killed = ["NATS", "agent-1", "agent-2"];
    // Never 0, which would be this process and all around it.
    for (const name of killed) process.kill(before[name] ?? Number.NaN, "SIGKILL");
    await waitFor(
      "all of them run again",
      () => killed.every((name) => pids()[name] !== before[name]),
      START_MS,
    );
    await waitFor(
      "a chat works",
      async () => {
        const told = await user.chat({ message: "hello again" }).catch(() => []);
        return told.at(-1)?.event === "done" && told.at(-1)?.data.status === "completed";
      },
      START_MS,
    );
    // What is asked of a process that is just being given up fails when it is.
    const again = await waitFor("the first chat is read again", () =>
      user.events(String(first[0]?.data.run_id)).catch(() => undefined),
    );
    expect(again).toEqual(first);
  },
  LIMIT_MS,
);

test("is refused a second time on the same folder, in words", async () => {
  const second = start();
  await second.gone;
  expect(second.output()).toMatch(/Another npm run cluster uses .*Stop that one, or name another folder/);
  expect(second.child.exitCode).toBe(1);
});

test("leaves no process after Ctrl-C", async () => {
  const all = Object.values(pids());
  running.child.kill("SIGINT");
  await running.gone;
  expect(all.filter(isAlive)).toEqual([]);
  expect(running.child.exitCode).toBe(0);
});
