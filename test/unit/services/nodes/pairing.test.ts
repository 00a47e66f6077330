// What of pairing needs no nats-server: limits, words, and a registry that is right while the edge is away.
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { NodeId, PairingId } from "../../../../contracts/ids.ts";
import type { NodesTables } from "../../../../services/nodes/tables.ts";
import { TestMac } from "../../../support/edge/pair-mac.ts";
import { type NodesBroker, startNodes } from "./nodes-broker.ts";

let stack: NodesBroker;
beforeAll(async () => {
  stack = await startNodes();
});
afterAll(() => stack.stop());

const redeem = (mac: TestMac, code: string) =>
  stack.broker.call("nodes.redeem", mac.redemption(code), { meta: { clientAddress: "192.0.2.9" } });

describe("pairing", () => {
  test("of more Macs than a user may have is refused in words", async () => {
    const person = await stack.person("collector");
    for (let n = 0; n < 100; n += 1) await stack.macOf(person, `Mac ${n}`);
    const { id, code } = await stack.as(person, "nodes.pair", {});
    await redeem(new TestMac(""), code);
    const confirm = stack.as(person, "nodes.confirm", { id: id as PairingId });
    await expect(confirm).rejects.toMatchObject({ type: "node_limit" });
  });

  test("with a key that another Mac has already makes no second one", async () => {
    const person = await stack.person("twice");
    const mac = new TestMac("");
    const begun = [await stack.as(person, "nodes.pair", {}), await stack.as(person, "nodes.pair", {})];
    for (const { code } of begun) await redeem(mac, code);
    const [first, second] = begun.map(
      ({ id }) =>
        () =>
          stack.as(person, "nodes.confirm", { id: id as PairingId }),
    );
    await first?.();
    await expect(second?.()).rejects.toMatchObject({ type: "conflict" });
    expect((await stack.as(person, "nodes.list", {})).nodes).toHaveLength(1);
  });

  test("that was confirmed in the last moment is still fetched, and only by the Mac itself", async () => {
    const person = await stack.person("late");
    const { id, code } = await stack.as(person, "nodes.pair", {});
    const mac = new TestMac("");
    await redeem(mac, code);
    await stack.as(person, "nodes.confirm", { id: id as PairingId });
    const database = stack.broker.core.ports.sql<NodesTables>();
    await database.updateTable("node_pairings").set({ expires_at: 1 }).where("id", "=", id).execute();
    expect(await redeem(mac, code)).toMatchObject({ status: "confirmed", owner: "late" });
    await expect(redeem(new TestMac(""), code)).rejects.toMatchObject({ type: "pairing_not_found" });
    await database.updateTable("node_pairings").set({ confirmed_at: 1 }).where("id", "=", id).execute();
    await expect(redeem(mac, code)).rejects.toMatchObject({ type: "pairing_expired" });
  });

  test("that is refused gives nothing to the Mac that has used the code; one that was confirmed is not refused", async () => {
    const [person, stranger] = [await stack.person("refusing"), await stack.person("refusing-stranger")];
    const { id, code } = await stack.as(person, "nodes.pair", {});
    const mac = new TestMac("");
    await redeem(mac, code);
    const pairing = { id: id as PairingId };
    const byOther = stack.as(stranger, "nodes.refuse", pairing);
    await expect(byOther).rejects.toMatchObject({ type: "pairing_not_found" });
    for (let again = 0; again < 2; again += 1) await stack.as(person, "nodes.refuse", pairing);
    await expect(redeem(mac, code)).rejects.toMatchObject({ type: "pairing_expired" });
    await expect(redeem(new TestMac(""), code)).rejects.toMatchObject({ type: "pairing_not_found" });
    const confirm = stack.as(person, "nodes.confirm", pairing);
    await expect(confirm).rejects.toMatchObject({ type: "pairing_expired" });
    expect(await stack.as(person, "nodes.pairing", pairing)).toMatchObject({ status: "expired" });
    const trail = await stack.broker.core.ports
      .sql<{ audit: { entry: string; details: string } }>()
      .selectFrom("audit")
      .select(["entry", "details"])
      .where("entry", "=", "pairing.refused")
      .execute();
    expect(trail).toHaveLength(1);
    const other = await stack.as(person, "nodes.pair", {});
    await redeem(new TestMac(""), other.code);
    await stack.as(person, "nodes.confirm", { id: other.id as PairingId });
    const late = stack.as(person, "nodes.refuse", { id: other.id as PairingId });
    await expect(late).rejects.toMatchObject({ type: "conflict" });
  });

  test("is told in the audit trail, each step once", async () => {
    const person = await stack.person("audited");
    const { id, code } = await stack.as(person, "nodes.pair", {});
    const mac = new TestMac("");
    for (let again = 0; again < 3; again += 1) await redeem(mac, code);
    for (let again = 0; again < 2; again += 1)
      await stack.as(person, "nodes.confirm", { id: id as PairingId });
    const [node] = (await stack.as(person, "nodes.list", {})).nodes;
    for (let again = 0; again < 2; again += 1)
      await stack.as(person, "nodes.revoke", { id: node?.id as NodeId });
    const rows = await stack.broker.core.ports
      .sql<{ audit: { subject: string; entry: string; details: string } }>()
      .selectFrom("audit")
      .select(["entry", "details"])
      .where("subject", "=", String(node?.id))
      .execute();
    expect(rows.map(({ entry }) => entry).toSorted()).toEqual([
      "node.paired",
      "node.revoked",
      "pairing.opened",
      "pairing.redeemed",
    ]);
    expect(JSON.stringify(rows)).not.toContain(code.replace("-", ""));
  });
});

test("G23 a Mac that is revoked while the edge is away gets nothing any more, and the answer does not wait", async () => {
  const person = await stack.person("cut");
  const { id, code } = await stack.as(person, "nodes.pair", {});
  const mac = new TestMac("");
  await redeem(mac, code);
  const { node } = await stack.as(person, "nodes.confirm", { id: id as PairingId });
  await stack.as(person, "nodes.revoke", { id: node.id as NodeId });
  await expect(redeem(mac, code)).rejects.toMatchObject({ type: "node_revoked" });
  const renewal = Object.assign(mac, { id: node.id }).renewal();
  await expect(stack.broker.call("nodes.credentials", renewal)).rejects.toMatchObject({
    type: "node_revoked",
  });
});
