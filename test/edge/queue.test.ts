// Calls for a Mac that is asleep: they wait, are seen, can be taken back, expire in words, and run once when it wakes (G24).
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { CallId } from "../../contracts/ids.ts";
import type { ToolResult } from "../../contracts/tools.ts";
import type { Serving } from "../../mac-node/program/serving.ts";
import { type EdgeStack, type PairedMac, startEdgeStack } from "../support/edge/edge-stack.ts";
import { aUser } from "../support/test-broker.ts";
import { waitFor } from "../support/wait-for.ts";

let edge: EdgeStack;
let mac: PairedMac;
let serving: Serving;
const owner = aUser();

beforeAll(async () => {
  edge = await startEdgeStack();
  mac = await edge.pair(owner.user_id, "studio");
  serving = await mac.serve();
  await isOnline(true);
  await edge.stack.as(owner, "tools.setPolicy", { rules: [{ risk: "write", decision: "allow" }] });
});
afterAll(() => edge.stop());

const node = async () => (await edge.stack.as(owner, "nodes.get", { id: mac.id })).node;
const isOnline = (wanted: boolean) =>
  waitFor(`it is ${wanted ? "there" : "away"}`, async () => {
    const { status, tools } = await node();
    return (status === "online") === wanted && tools.length > 0;
  });
const queue = async () => (await edge.stack.as(owner, "tools.queue", { id: mac.id })).calls;
const append = (text: string, more: { priority?: number; wait_s?: number } = {}): Promise<ToolResult> =>
  edge.stack.as(owner, "tools.execute", {
    ...{ name: "append_file", node_id: mac.id, ...more },
    args: { path: join(mac.root, "log.txt"), content: text, create_if_missing: true },
  });
const log = () => readFile(join(mac.root, "log.txt"), "utf8").catch(() => "");

async function asleep(work: () => Promise<void>): Promise<void> {
  await serving.stop();
  await isOnline(false);
  await work();
  serving = await mac.serve();
  await isOnline(true);
}

describe("a Mac that is asleep", () => {
  test("G24 ten calls wait, are seen, and each runs once when it wakes; those with the higher priority go first", async () => {
    let calls: Promise<ToolResult>[] = [];
    await asleep(async () => {
      calls = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((priority) => append(`${priority}`, { priority }));
      await waitFor("all wait", async () => (await queue()).length === 10);
      expect((await queue()).map(({ priority }) => priority)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
      expect((await node()).queue_length).toBe(10);
    });
    expect((await Promise.all(calls)).every(({ ok }) => ok)).toBe(true);
    const ran = await log();
    expect([...ran].toSorted()).toEqual([..."0123456789"]);
    // They are sent in this order; on the Mac they run beside each other.
    expect(Math.min(...[...ran].slice(0, 4).map(Number))).toBeGreaterThanOrEqual(3);
    expect(await queue()).toEqual([]);
  });

  test("G24 one that is taken back is not run, and says so", async () => {
    const before = await log();
    await asleep(async () => {
      const call = append("never");
      const refused = expect(call).rejects.toMatchObject({
        ...{ type: "node_offline", message: expect.stringContaining("taken out of the queue") },
      });
      const [waiting] = await waitFor("it waits", async () =>
        (await queue()).length === 1 ? queue() : undefined,
      );
      await edge.stack.as(owner, "tools.unqueue", { id: mac.id, call_id: waiting?.call_id as CallId });
      await refused;
    });
    expect(await log()).toBe(before);
  });

  test("G24 one whose time is over expires in words and is not run when the Mac wakes", async () => {
    const before = await log();
    await asleep(async () => {
      await expect(append("late", { wait_s: 1 })).rejects.toMatchObject({
        ...{ type: "node_offline", message: expect.stringContaining("Nothing was done") },
      });
    });
    expect(await log()).toBe(before);
  });

  test("with no time to wait it is refused at once", async () => {
    await asleep(async () => {
      await expect(append("no", { wait_s: 0 })).rejects.toMatchObject({ type: "node_offline" });
      expect(await queue()).toEqual([]);
    });
  });

  test("at most a hundred wait; the next one is told so", async () => {
    await asleep(async () => {
      const sql = edge.stack.broker.core.ports.sql<{ queued_calls: Record<string, unknown> }>();
      const rows = Array.from({ length: 100 }, (_, index) => ({
        ...{
          call_id: `call_${index}`,
          node_id: mac.id,
          user_id: owner.user_id,
          name: "read_file",
          shown_args: "{}",
        },
        ...{ priority: 5, queued_at: Date.now(), expires_at: Date.now() + 60_000, touched_at: 0 },
      }));
      await sql.insertInto("queued_calls").values(rows).execute();
      await expect(append("one too many")).rejects.toMatchObject({ type: "node_queue_full" });
      await sql.deleteFrom("queued_calls").execute();
    });
  });

  test("a call whose process died holds up nobody behind it", async () => {
    const sql = edge.stack.broker.core.ports.sql<{ queued_calls: Record<string, unknown> }>();
    let call: Promise<ToolResult> | undefined;
    await asleep(async () => {
      const left = { call_id: "call_left", node_id: mac.id, user_id: owner.user_id, name: "read_file" };
      const times = { queued_at: 1, touched_at: 1, expires_at: Date.now() + 600_000 };
      await sql
        .insertInto("queued_calls")
        .values({ ...left, ...times, shown_args: "{}", priority: 9 })
        .execute();
      call = append("behind");
      await waitFor("it waits", async () => (await queue()).length === 2);
    });
    expect(await call).toMatchObject({ ok: true });
    await sql.deleteFrom("queued_calls").execute();
  });

  test("another user neither sees nor takes back what waits", async () => {
    const stranger = aUser();
    await expect(edge.stack.as(stranger, "tools.queue", { id: mac.id })).rejects.toMatchObject({
      type: "node_not_found",
    });
    await expect(
      edge.stack.as(stranger, "tools.unqueue", { id: mac.id, call_id: "call_0" as CallId }),
    ).rejects.toMatchObject({ type: "node_not_found" });
  });
});
