// The Macs of all users, as an admin pages through them and ends one.
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Caller } from "../../../../contracts/access.ts";
import type { NodeId } from "../../../../contracts/ids.ts";
import { aUser } from "../../../support/test-broker.ts";
import { type NodesBroker, startNodes } from "./nodes-broker.ts";

let stack: NodesBroker;
let ada: Caller & { email: string };
let macs: NodeId[];
const admin = aUser({ role: "admin", scopes: "all" });

beforeAll(async () => {
  stack = await startNodes();
  ada = await stack.person("ada");
  const bob = await stack.person("bob");
  macs = [
    await stack.macOf(ada, "studio"),
    await stack.macOf(bob, "office"),
    await stack.macOf(ada, "asleep", { online_until: 0 }),
    await stack.macOf(aUser(), "nobody's"),
    await stack.macOf(bob, "revoked", { revoked_at: new Date().toISOString() }),
  ];
});
afterAll(() => stack.stop());

const list = (params = {}) => stack.as(admin, "nodes.adminList", params);

test("every Mac that is not revoked comes once, with whose it is, whatever the size of a page", async () => {
  const whole = await list();
  expect(whole.next_cursor).toBeNull();
  expect(whole.nodes).toMatchObject([
    { id: macs[0], name: "studio", owner_email: "ada@example.com", status: "online", tool_count: 3 },
    { id: macs[1], name: "office", owner_email: "bob@example.com" },
    { id: macs[2], name: "asleep", owner_id: ada.user_id, status: "offline" },
    { id: macs[3], owner_email: null },
  ]);
  expect(whole.nodes.every((node) => !("tools" in node))).toBe(true);
  for (const limit of [1, 2, 4]) {
    const ids: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null && ids.length < 9; ) {
      const page = await list({ limit, ...(cursor ? { cursor } : {}) });
      expect(page.nodes.length).toBeLessThanOrEqual(limit);
      ids.push(...page.nodes.map(({ id }) => id));
      cursor = page.next_cursor;
    }
    expect(ids).toEqual(macs.slice(0, 4));
  }
});

test("those of one user only", async () => {
  const { nodes } = await list({ user_id: ada.user_id });
  expect(nodes.map(({ name }) => name)).toEqual(["studio", "asleep"]);
});

test("one that is frozen from the server is told to be", async () => {
  await stack.as({ ...ada, scopes: "all" }, "nodes.freeze", { id: macs[0] as NodeId });
  const { nodes } = await list({ user_id: ada.user_id });
  expect(nodes).toMatchObject([{ frozen: true, frozen_by: ["owner"] }, { frozen: false }]);
});

test("one that is revoked is in nobody's list any more, and the trail says by whom", async () => {
  await stack.as(admin, "nodes.adminRevoke", { id: macs[1] as NodeId });
  expect((await list()).nodes.map(({ id }) => id)).not.toContain(macs[1]);
  const { entries } = await stack.as(admin, "users.adminAudit", {});
  expect(entries.find(({ subject }) => subject === macs[1])).toMatchObject({
    ...{ entry: "node.revoked", details: { by: admin.user_id } },
  });
});

test("the processes are told of: this one with what it serves", async () => {
  const { processes } = await stack.as(admin, "nodes.processes", {});
  expect(processes).toMatchObject([{ id: stack.broker.nodeID, answers: true, available: true }]);
  expect(processes[0]?.services).toEqual(expect.arrayContaining(["nodes", "quota", "users"]));
});
