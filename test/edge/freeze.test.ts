// Freezing a Mac: from the server, at the Mac itself, and by losing the server. What runs ends at once, nothing new runs, and only who
// has frozen it can thaw it.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { CallId, RunId, SessionId } from "../../contracts/ids.ts";
import type { Node } from "../../contracts/nodes.ts";
import { newId } from "../../lib/ids.ts";
import { nodeFolder } from "../../mac-node/program/folder.ts";
import { freeze, thaw } from "../../mac-node/program/freeze.ts";
import type { Serving } from "../../mac-node/program/serving.ts";
import type { NodeCall } from "../../services/tools/machines/machine.ts";
import { type EdgeStack, type PairedMac, startEdgeStack } from "../support/edge/edge-stack.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { aUser } from "../support/test-broker.ts";
import { waitFor } from "../support/wait-for.ts";

let edge: EdgeStack;
let mac: PairedMac;
let serving: Serving;
const owner = aUser();
const stranger = aUser();
const admin = aUser({ role: "admin" });

beforeAll(async () => {
  edge = await startEdgeStack();
  mac = await edge.pair(owner.user_id, "studio");
  serving = await mac.serve();
  await isDescribed();
  await edge.stack.as(owner, "tools.setPolicy", { rules: [{ risk: "execute", decision: "allow" }] });
});
afterAll(() => edge.stop());

const node = async () => (await edge.stack.as(owner, "nodes.get", { id: mac.id })).node;
const isDescribed = (fits: (node: Node) => boolean = () => true) =>
  waitFor("the Mac is there and has told of itself", async () => {
    const now = await node();
    return now.status === "online" && now.tools.length > 0 && fits(now);
  });
const say = (what: "nodes.freeze" | "nodes.thaw") => edge.stack.as(owner, what, { id: mac.id });

function command(text: string): NodeCall {
  return {
    ...{ call_id: newId<CallId>("call"), run_id: newId<RunId>("run"), epoch: 1, approved: true, attempt: 1 },
    ...{ name: "execute_shell_command", args: { command: text, timeout_s: 280 } },
    deadline_at: Date.now() + 280_000,
  };
}

/** Runs a command that writes until it is ended, and takes no hint. */
async function ticking(name: string, on = mac) {
  const file = join(on.root, name);
  await writeFile(file, "");
  const one = command(`trap '' TERM; while true; do echo t >> ${file}; sleep 0.05; done`);
  const ended = edge.machine(on).execute(one, 280_000);
  const refused = ended.then((outcome) => Promise.reject(new Error(JSON.stringify(outcome))));
  refused.catch(() => undefined);
  await Promise.race([waitFor("it runs", async () => (await readFile(file, "utf8")).length > 4), refused]);
  return { one, ended, ticks: async () => (await readFile(file, "utf8")).length };
}

const direct = () =>
  edge.stack.as(owner, "tools.execute", {
    ...{ name: "execute_shell_command", node_id: mac.id, args: { command: "echo ran" } },
  });
const inRun = () =>
  edge.stack.as({ ...owner, service: "agent" }, "tools.run", {
    ...{ ...command("echo ran"), node_id: mac.id, session_id: newId<SessionId>("session") },
  });

describe("a Mac that is frozen from the server", () => {
  test("G11 what runs is ended within a second of the answer, also what takes no hint", async () => {
    const usual = await ticking("cancelled.txt");
    const cancelledAt = performance.now();
    await edge.machine(mac).cancel(usual.one.call_id);
    await usual.ended;
    const usualMs = performance.now() - cancelledAt;
    const { ended, ticks } = await ticking("frozen.txt");
    const { node: frozen } = await say("nodes.freeze");
    const answered = performance.now();
    expect(frozen).toMatchObject({ frozen: true, frozen_by: ["owner"] });
    expect(await ended).toMatchObject({ status: "cancelled", result: { error: { code: "frozen" } } });
    // A second is promised; on a machine that is slow a cancel takes long as well.
    expect(performance.now() - answered).toBeLessThan(1_000 + 20 * usualMs);
    const after = await ticks();
    await edge.stack.as(owner, "nodes.get", { id: mac.id });
    expect(await ticks()).toBe(after);
  });

  test("nothing new is sent, and it is said in words; the Mac itself refuses too", async () => {
    await expect(direct()).rejects.toMatchObject({
      ...{ type: "node_frozen", message: expect.stringContaining('"studio" is frozen') },
    });
    expect(await inRun()).toMatchObject({ status: "denied", result: { error: { code: "frozen" } } });
    expect(await edge.machine(mac).execute(command("echo ran"), 10_000)).toMatchObject({
      ...{ status: "denied", result: { error: { code: "frozen" } } },
    });
  });

  test("it stays frozen when hub and Mac start again", async () => {
    await serving.stop();
    await edge.restartCore();
    serving = await mac.serve();
    await isDescribed(({ frozen }) => frozen);
    expect(await edge.machine(mac).execute(command("echo ran"), 10_000)).toMatchObject({ status: "denied" });
    await expect(direct()).rejects.toMatchObject({ type: "node_frozen" });
  });

  test("what waits for it in the queue is refused, and it is not waited for while it is away", async () => {
    await say("nodes.thaw");
    await serving.stop();
    await waitFor("it is away", async () => (await node()).status === "offline");
    const waiting = direct();
    const refused = expect(waiting).rejects.toMatchObject({ type: "node_frozen" });
    await waitFor("it waits", async () => (await node()).queue_length === 1);
    await say("nodes.freeze");
    await refused;
    await expect(direct()).rejects.toMatchObject({ type: "node_frozen" });
    serving = await mac.serve();
    await isDescribed();
  });

  test("only its owner freezes and thaws it", async () => {
    for (const action of ["nodes.freeze", "nodes.thaw"] as const)
      for (const other of [stranger, admin])
        await expect(edge.stack.as(other, action, { id: mac.id })).rejects.toMatchObject({
          type: "node_not_found",
        });
    expect((await node()).frozen).toBe(true);
  });

  test("thawed it runs again", async () => {
    expect((await say("nodes.thaw")).node).toMatchObject({ frozen: false });
    await waitFor("it runs again", async () => (await inRun()).status === "done");
  });

  test("it is audited who has frozen and thawed it", async () => {
    const rows = await edge.stack.broker.core.ports
      .sql<{ audit: { subject: string; entry: string } }>()
      .selectFrom("audit")
      .select("entry")
      .where("subject", "=", mac.id)
      .execute();
    const entries = rows.map(({ entry }) => entry.split(" ")[0]);
    expect(entries.filter((entry) => entry === "node.frozen")).toHaveLength(2);
    expect(entries.filter((entry) => entry === "node.thawed")).toHaveLength(2);
  });
});

describe("all machines", () => {
  test("an admin freezes them; an owner cannot thaw his out of that, and his own freezing stays when it is lifted", async () => {
    await expect(edge.stack.as(owner, "nodes.freezeAll", {})).rejects.toMatchObject({ type: "forbidden" });
    const { ended } = await ticking("all.txt");
    expect(await edge.stack.as(admin, "nodes.freezeAll", {})).toMatchObject({ frozen: true });
    expect(await ended).toMatchObject({ status: "cancelled" });
    expect((await say("nodes.thaw")).node).toMatchObject({ frozen: true, frozen_by: ["admin"] });
    expect((await say("nodes.freeze")).node.frozen_by).toEqual(["owner", "admin"]);
    await edge.stack.as(admin, "nodes.thawAll", {});
    expect(await node()).toMatchObject({ frozen: true, frozen_by: ["owner"] });
    await expect(direct()).rejects.toMatchObject({ type: "node_frozen" });
    await say("nodes.thaw");
    await waitFor("it runs again", async () => (await inRun()).status === "done");
  });
});

describe("a Mac that is frozen where it stands", () => {
  test("what runs ends, the server shows it and cannot thaw it; thawed there it runs again", async () => {
    const { ended } = await ticking("here.txt");
    const { frozen: file } = nodeFolder(join(mac.home, "node"));
    freeze(file);
    expect(await ended).toMatchObject({ status: "cancelled", result: { error: { code: "frozen" } } });
    await isDescribed(({ frozen }) => frozen);
    expect((await say("nodes.thaw")).node).toMatchObject({ frozen: true, frozen_by: ["mac"] });
    await expect(direct()).rejects.toMatchObject({ type: "node_frozen" });
    thaw(file);
    await isDescribed(({ frozen }) => !frozen);
    expect(await inRun()).toMatchObject({ status: "done" });
  });
});

describe("a Mac that has lost its server", () => {
  const proxies: Awaited<ReturnType<typeof startTcpProxy>>[] = [];
  afterAll(() => {
    for (const proxy of proxies) proxy.stop();
  });

  async function lost(policy: object | undefined, name: string) {
    const other = await edge.pair(owner.user_id, name, policy);
    const port = Number(new URL(edge.server.url).port);
    const proxy = await startTcpProxy(port);
    proxies.push(proxy);
    await other.serve({ url: `nats://127.0.0.1:${proxy.port}` });
    await edge.connected(other);
    const { ticks, ended } = await ticking("lost.txt", other);
    ended.catch(() => undefined);
    proxy.swallow();
    const lostAt = performance.now();
    return { ticks, lostAt };
  }
  /** The first moment behind which it writes nothing any more. */
  async function silentFrom(ticks: () => Promise<number>): Promise<number> {
    let last = { count: -1, at: 0 };
    await waitFor(
      "it writes nothing any more",
      async () => {
        const count = await ticks();
        if (count !== last.count) last = { count, at: performance.now() };
        return performance.now() - last.at > 1_500;
      },
      60_000,
    );
    return last.at;
  }

  test("G24 ends what it runs for it after 15 seconds; one whose policy says so keeps it", async () => {
    const [ends, keeps] = await Promise.all([
      lost(undefined, "ends"),
      lost({ when_cut_off: "keep" }, "keeps"),
    ]);
    const endedAt = await silentFrom(ends.ticks);
    expect(endedAt - ends.lostAt).toBeGreaterThan(9_000);
    const before = await keeps.ticks();
    await waitFor("the other one goes on", async () => (await keeps.ticks()) > before);
  });
});
