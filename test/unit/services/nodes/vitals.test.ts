// How busy Macs are, as hubs tell the registry: what is kept of it, when it is written, and who is shown it.
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Caller } from "../../../../contracts/access.ts";
import type { NodeId } from "../../../../contracts/ids.ts";
import type { SeenMac } from "../../../../contracts/nodes.ts";
import { callAs, SYSTEM } from "../../../../lib/broker/action.ts";
import type { NodesTables } from "../../../../services/nodes/tables.ts";
import { changedVitals } from "../../../../services/nodes/vitals.ts";
import { type NodesBroker, startNodes } from "./nodes-broker.ts";

describe("what is kept", () => {
  const kept = JSON.stringify({ load: 0.3, battery: { percent: 80, charging: false } });
  const battery = { percent: 80, charging: false };

  test("stays while nothing has changed noticeably", () => {
    for (const load of [0.3, 0.39, 0.21]) expect(changedVitals(kept, { load, battery })).toBeUndefined();
  });

  test("is written anew, with the load in tenths, when the load differs by a tenth or the battery at all", () => {
    expect(changedVitals(kept, { load: 0.4, battery })).toBe(JSON.stringify({ load: 0.4, battery }));
    expect(changedVitals(kept, { load: 0.2, battery })).toBe(JSON.stringify({ load: 0.2, battery }));
    expect(changedVitals(kept, { load: 0.87, battery })).toBe(JSON.stringify({ load: 0.9, battery }));
    for (const other of [
      { percent: 79, charging: false },
      { percent: 80, charging: true },
    ])
      expect(changedVitals(kept, { load: 0.31, battery: other })).toBe(
        JSON.stringify({ load: 0.3, battery: other }),
      );
  });

  test("is the first that is said, also a part of it; nothing said changes nothing", () => {
    expect(changedVitals(null, { load: 0.04 })).toBe('{"load":0}');
    expect(changedVitals(null, { battery })).toBe(JSON.stringify({ battery }));
    expect(changedVitals(kept, { load: 0.3 })).toBe('{"load":0.3}');
    expect(changedVitals(null, {})).toBeUndefined();
    expect(changedVitals(kept, {})).toBeUndefined();
  });
});

describe("the registry", () => {
  let stack: NodesBroker;
  let owner: Caller;
  let macs: NodeId[];
  beforeAll(async () => {
    stack = await startNodes();
    owner = await stack.person("ada");
    macs = [];
    for (const name of ["one", "two", "three"]) macs.push(await stack.macOf(owner, name));
  });
  afterAll(() => stack.stop());

  const see = (...said: Partial<SeenMac>[]) =>
    callAs(stack.broker, "tools", SYSTEM, "nodes.see", {
      macs: said.map((more, index) => ({ node_id: macs[index] as NodeId, instance: "one", ...more })),
    });
  const seen = async () =>
    (await stack.as(owner, "nodes.list", {})).nodes.map(({ load, battery }) => [load, battery?.percent]);

  test("keeps of each Mac what its own process says, and gives the load to who places calls", async () => {
    const battery = { percent: 80, charging: false };
    const { strangers } = await see({ load: 0.32 }, { load: 0.94, battery }, { instance: "other", load: 1 });
    expect(strangers).toEqual([macs[2]]);
    expect(await seen()).toEqual([
      [0.3, undefined],
      [0.9, 80],
      [undefined, undefined],
    ]);
    await see({ load: 0.38 }, {}, { load: 0 });
    expect(await seen()).toEqual([
      [0.3, undefined],
      [0.9, 80],
      [0, undefined],
    ]);
    const usable = await callAs(stack.broker, "tools", owner, "nodes.usable", {});
    expect(usable.map(({ load }) => load)).toEqual([0.3, 0.9, 0]);
  });

  test("shows nothing of one that is away, nor what a process before it has said", async () => {
    const [one = "" as NodeId] = macs;
    await see({ load: 0.5 });
    await callAs(stack.broker, "tools", SYSTEM, "nodes.lose", { node_id: one, instance: "one" });
    expect((await stack.as(owner, "nodes.get", { id: one })).node).not.toHaveProperty("load");
    const meet = (instance: string) =>
      callAs(stack.broker, "tools", SYSTEM, "nodes.meet", { node_id: one, instance });
    expect(await meet("one")).toMatchObject({ accepted: true });
    expect((await stack.as(owner, "nodes.get", { id: one })).node).toMatchObject({ load: 0.5 });
    await callAs(stack.broker, "tools", SYSTEM, "nodes.lose", { node_id: one, instance: "one" });
    expect(await meet("next")).toMatchObject({ accepted: true });
    const { node } = await stack.as(owner, "nodes.get", { id: one });
    expect(node.status).toBe("online");
    expect(node).not.toHaveProperty("load");
  });

  test("refuses what no hub lets through", async () => {
    for (const wrong of [{ load: 2 }, { battery: { percent: 500, charging: true } }])
      await expect(see(wrong)).rejects.toMatchObject({ type: "invalid_request" });
  });

  test("forgets it with its user's other things", async () => {
    await see({ instance: "next" }, { load: 0.7 });
    await callAs(stack.broker, "users", SYSTEM, "nodes.removeUser", { user_id: owner.user_id });
    const rows = await stack.broker.core.ports
      .sql<NodesTables>()
      .selectFrom("nodes")
      .select("vitals")
      .execute();
    expect(rows.map(({ vitals }) => vitals)).toEqual([null, null, null]);
  });
});
