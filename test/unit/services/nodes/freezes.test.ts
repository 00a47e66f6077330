// Freezes as machines are told of them.
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { ALL, Freezes } from "../../../../services/nodes/freezes/freezes.ts";
import type { NodesTables } from "../../../../services/nodes/tables.ts";
import { type NodesBroker, startNodes } from "./nodes-broker.ts";

let stack: NodesBroker;
beforeAll(async () => {
  stack = await startNodes();
});
afterAll(() => stack.stop());

test("what an admin says of all machines is later than what was said of one by a server whose clock is ahead", async () => {
  const owner = await stack.person("ada");
  const mac = await stack.macOf(owner, "studio");
  const database = stack.broker.core.ports.sql<NodesTables>();
  const freezes = new Freezes(database);
  const ahead = Date.now() + 60_000;
  await database
    .insertInto("node_freezes")
    .values({ node_id: mac, frozen_at: null, changed_at: ahead })
    .execute();
  expect(await freezes.told([mac])).toEqual([{ node_id: mac, frozen: false, changed_at: ahead }]);
  let last = ahead;
  for (const isFrozen of [true, false, true]) {
    expect(await freezes.set(ALL, isFrozen)).toBe(true);
    const [told] = await freezes.told([mac]);
    expect(told?.frozen).toBe(isFrozen);
    expect(told?.changed_at).toBeGreaterThan(last);
    last = told?.changed_at ?? 0;
  }
  expect(await freezes.set(ALL, true)).toBe(false);
});
