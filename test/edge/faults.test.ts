// Calls on a real Mac program while everything between it and the hub goes wrong: none runs twice, none behind its deadline, and each
// has an outcome or says that nobody knows (G3, G24). EDGE_FAULTS says how many, EDGE_SEED repeats a series.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { CallId, RunId, UserId } from "../../contracts/ids.ts";
import type { CallOutcome } from "../../contracts/tools.ts";
import { typeOf } from "../../lib/errors.ts";
import { newId } from "../../lib/ids.ts";
import type { NodeCall } from "../../services/tools/machines/machine.ts";
import { type EdgeStack, type PairedMac, startEdgeStack } from "../support/edge/edge-stack.ts";
import type { MacProcess } from "../support/edge/mac-process.ts";
import { randomOf } from "../support/random.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { waitFor } from "../support/wait-for.ts";

const COUNT = Number(process.env.EDGE_FAULTS ?? 60);
const SEED = Number(process.env.EDGE_SEED ?? Date.now() % 1_000_000);
const AT_ONCE = 10;
const random = randomOf(SEED);
const between = (least: number, most: number) => least + random() * (most - least);

let edge: EdgeStack;
let mac: PairedMac;
let program: MacProcess;
let way: TcpProxy;
const owner = newId<UserId>("user");

beforeAll(async () => {
  edge = await startEdgeStack();
  way = await startTcpProxy(Number(new URL(edge.server.url).port));
  mac = await edge.pair(owner, "studio");
  program = await mac.spawn(`nats://127.0.0.1:${way.port}`);
  await edge.connected(mac);
});
afterAll(async () => {
  await edge.stop();
  way.stop();
});

/** What can go wrong, each mended again by itself. */
const FAULTS: Record<string, () => Promise<void>> = {
  async "the connection is cut"() {
    way.cut();
  },
  async "nothing comes through for a while, and nobody notices"() {
    way.swallow(random() < 0.3 ? "both" : random() < 0.5 ? "client" : "server");
    await sleep(between(50, 1_500));
    way.cut();
    await way.heal();
  },
  async "the network is away"() {
    way.cut();
    way.refuse();
    await sleep(between(50, 2_000));
    await way.heal();
  },
  async "the network is slow"() {
    way.delay(between(20, 400));
    await sleep(between(200, 1_000));
    way.delay(0);
  },
  async "the Mac's program is killed"() {
    await program.kill();
    await sleep(between(0, 500));
    program.restart();
  },
  async "the Mac stands still"() {
    program.freeze();
    await sleep(between(100, 3_000));
    program.thaw();
  },
  async "the Mac's program is restarted in order"() {
    await program.stop();
    program.restart();
  },
  async "nats-server is killed"() {
    await edge.server.kill();
    await edge.server.restart();
  },
  async "the hub loses its connection"() {
    await edge.restartHub();
  },
};

const cancel = async (id: CallId) => edge.machine(mac).cancel(id);

type Ended = { id: string; deadline_at: number; outcome: CallOutcome | { error: string } };

/** Appends its own line, slowly or at once; some are sent twice, some are cancelled. */
async function aCall(index: number): Promise<Ended> {
  const id = `call-${index}`;
  const isSlow = random() < 0.5;
  const log = join(mac.root, "log");
  const wait = isSlow ? `; sleep ${between(0.05, 1.5).toFixed(2)}` : "";
  const line = `echo "${id} $(date +%s%3N)" >> ${log}`;
  const call: NodeCall = {
    ...{ call_id: newId<CallId>("call"), run_id: newId<RunId>("run"), epoch: 1, approved: true, attempt: 1 },
    ...{ name: "execute_shell_command", args: { command: `${line}${wait}` } },
    deadline_at: Date.now() + Math.round(random() < 0.2 ? between(200, 3_000) : between(8_000, 30_000)),
  };
  await sleep(between(0, 500));
  const send = async () =>
    edge.machine(mac).execute(call, Math.max(1, call.deadline_at - Date.now()) + 3_000);
  const [outcome] = await Promise.all([
    send().catch((thrown: unknown) => ({ error: typeOf(thrown) ?? String(thrown) })),
    random() < 0.2 ? send().catch(() => undefined) : undefined,
    random() < 0.1 ? cancel(call.call_id).catch(() => undefined) : undefined,
  ]);
  return { id, deadline_at: call.deadline_at, outcome };
}

describe(`${COUNT} calls while everything goes wrong (EDGE_SEED=${SEED})`, () => {
  test("G3 G24 none runs twice or behind its deadline, and what is said of each is true", async () => {
    const ended: Ended[] = [];
    let next = 0;
    let isOver = false;
    const met: Record<string, number> = {};
    const faults = async () => {
      const names = Object.keys(FAULTS);
      while (!isOver) {
        const name = names[Math.floor(random() * names.length)] ?? "";
        met[name] = (met[name] ?? 0) + 1;
        await FAULTS[name]?.();
        await sleep(between(300, 4_000));
      }
    };
    const callers = Array.from({ length: AT_ONCE }, async () => {
      while (next < COUNT) ended.push(await aCall(next++));
    });
    const trouble = faults();
    await Promise.all(callers);
    isOver = true;
    await trouble;
    // What still runs would show itself now.
    await edge.connected(mac);
    await waitFor("the Mac is idle", async () => (await isIdle()) && (await isIdle()));
    const lines = (await readFile(join(mac.root, "log"), "utf8")).trim().split("\n");
    const ran = new Map<string, number[]>();
    for (const line of lines) {
      const [id = "", at] = line.split(" ");
      ran.set(id, [...(ran.get(id) ?? []), Number(at)]);
    }
    const wrong: unknown[] = [];
    const kinds: Record<string, number> = {};
    for (const { id, deadline_at, outcome } of ended) {
      const times = ran.get(id) ?? [];
      const said = "error" in outcome ? outcome.error : outcome.status;
      kinds[said] = (kinds[said] ?? 0) + 1;
      if (times.length > 1) wrong.push({ id, ran: times.length, outcome });
      if (times.some((at) => at > deadline_at + 200)) wrong.push({ id, late: times, deadline_at, outcome });
      if (said === "done" && times.length !== 1) wrong.push({ id, outcome, ran: times.length });
      if (said === "node_offline" && times.length > 0) wrong.push({ id, outcome, ran: times.length });
    }
    // The figures of the series, for whoever reads the log.
    console.log(JSON.stringify({ seed: SEED, calls: ended.length, outcomes: kinds, faults: met }));
    expect(wrong).toEqual([]);
    expect(ended).toHaveLength(COUNT);
  });
});

async function isIdle(): Promise<boolean> {
  const probe = join(mac.root, "log");
  const before = await readFile(probe, "utf8");
  await sleep(2_000);
  return (await readFile(probe, "utf8")) === before;
}
