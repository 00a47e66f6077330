// What a Mac says of others, in packets of its own or with a stock broker of Moleculer. How: test/support/edge/attack-stage.ts.
import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { type BrokerOptions, ServiceBroker } from "moleculer";
import { jwtAuthenticator, type NatsConnection } from "nats";
import { attackStage, call } from "../../support/edge/attack-stage.ts";
import { waitFor } from "../../support/wait-for.ts";

const stage = attackStage();
const { aRogue, execute, honestCall, oddities, settled } = stage;

describe("G22 what a Mac says of others", () => {
  const lies: [string, string, object, string | undefined][] = [
    [
      "a call of a core action",
      "REQ",
      { id: "1", action: "users.list", params: {}, meta: { user: "admin" } },
      "REQ",
    ],
    ["a call of another Mac", "REQ", { id: "1", action: "node.execute", params: {} }, "REQ"],
    ["an event of the core", "EVENT", { event: "user.removed", data: {}, broadcast: true }, "EVENT"],
    ["a packet that there is not", "GOSSIP_REQ", {}, "an unknown packet"],
    ["an announcement in the hub's name", "INFO", { sender: "hub-1", instanceID: "x" }, "another sender"],
    ["a heartbeat in nobody's name", "HEARTBEAT", { sender: null }, "another sender"],
    ["another version of the protocol", "HEARTBEAT", { ver: "99" }, undefined],
    ["an answer to what nobody has asked", "RES", { id: randomUUID(), success: true, data: 1 }, undefined],
    ["an answer with a strange id", "RES", { id: [["x"]], success: true, data: 1 }, undefined],
    ["heartbeats without end", "HEARTBEAT", { cpu: 1e308, seq: Number.MAX_VALUE }, undefined],
  ];

  test.each(lies)("%s is dropped", async (_name, command, data, what) => {
    const rogue = await aRogue();
    rogue.rogue.say(command, data);
    if (what) await waitFor("it is audited", async () => (await oddities(rogue.mac)).includes(what));
    else await settled(rogue);
    if (!what) expect(await oddities(rogue.mac)).toEqual([]);
  });

  test("that another Mac or the hub goes changes nothing for them", async () => {
    const { mac, rogue } = await aRogue();
    for (const sender of [stage.honest.id, stage.edge.hub().broker.nodeID])
      for (const command of ["DISCONNECT", "INFO", "HEARTBEAT"])
        rogue.say(command, { sender, instanceID: "x", seq: 9_999, services: [] });
    await waitFor("it is audited", async () => (await oddities(mac)).includes("another sender"));
    expect(stage.edge.hub().instanceOf(stage.honest.id)).toBeDefined();
    expect(stage.edge.hub().instanceOf(mac.id)).toBeDefined();
  });

  test("services and events that it announces are not there for anybody", async () => {
    const { mac, rogue } = await aRogue();
    const actions = { "users.login": { name: "users.login" } };
    rogue.info(rogue.instance, {
      seq: 2,
      services: [
        { name: "users", fullName: "users", actions, events: { "**": { name: "**" } } },
        { name: "$node", fullName: "$node", actions: { "$node.list": { name: "$node.list" } }, events: {} },
        { name: "nodes", fullName: "nodes", actions: { "nodes.meet": { name: "nodes.meet" } }, events: {} },
      ],
    });
    await settled({ rogue });
    const { registry } = stage.edge.hub().broker;
    type Known = { name: string; nodeID: string; actions: object; events: object };
    const services = registry.getServiceList({ withActions: true, withEvents: true }) as unknown as Known[];
    const its = services.filter(({ nodeID }) => nodeID === mac.id);
    expect(its.map(({ name, actions: known, events }) => [name, Object.keys(known).length, events])).toEqual([
      ["node", 7, {}],
    ]);
    await stage.edge.hub().broker.broadcast("secret.told", { to: "nobody" });
    await settled({ rogue });
    expect(rogue.heard.filter(({ text }) => text.includes("secret"))).toEqual([]);
    await expect(stage.edge.hub().broker.call("users.login")).rejects.toMatchObject({
      type: "SERVICE_NOT_FOUND",
    });
  });

  test("an answer in place of another Mac's is dropped, though it knows the id", async () => {
    const { mac, rogue } = await aRogue();
    const file = join(stage.honest.root, "true.txt");
    await writeFile(file, "the truth");
    const answered = execute(
      stage.honest,
      call("execute_shell_command", { command: `sleep 1; cat ${file}` }),
    );
    const { pendingRequests } = stage.edge.hub().broker.transit as unknown as {
      pendingRequests: Map<string, unknown>;
    };
    const ids = await waitFor("it is asked", () => pendingRequests.size > 0 && [...pendingRequests.keys()]);
    const lie = { status: "done", result: { ok: true, data: "a lie" }, duration_ms: 1 };
    for (const id of ids) rogue.respond(id, { data: lie, meta: { user: "admin" } });
    expect(JSON.stringify(await answered)).toContain("the truth");
    expect(await oddities(mac)).toEqual(["an answer to what another one was asked"]);
  });

  test("what it answers changes nothing of who asked, and comes once", async () => {
    const { mac, rogue } = await aRogue();
    rogue.answer = ({ id }) => {
      for (const data of ["first", "second", "third"])
        rogue.respond(id, { data, meta: { user: "admin", grant: null, $statusCode: 200 } });
      rogue.respond(id, { success: false, error: { name: "Error", message: "no" } });
    };
    const meta = { user: "me" };
    const asked = stage.edge.hub().broker.call("node.fence", {}, { nodeID: mac.id, meta, timeout: 5_000 });
    expect(await asked).toBe("first");
    expect((asked as unknown as { ctx: { meta: unknown } }).ctx.meta).toEqual({ user: "me" });
    expect(meta).toEqual({ user: "me" });
  });

  test("a stream is none, and is audited", async () => {
    const { mac, rogue } = await aRogue();
    rogue.answer = ({ id }) => {
      rogue.respond(id, { stream: true, seq: 0, data: null });
      rogue.respond(id, { stream: true, seq: 1e9, data: { type: "Buffer", data: [1] } });
      return "at last";
    };
    expect(await stage.edge.hub().broker.call("node.fence", {}, { nodeID: mac.id, timeout: 5_000 })).toBe(
      "at last",
    );
    await waitFor("it is audited", async () => (await oddities(mac)).includes("a stream"));
  });
});

describe("G22 a stock broker of Moleculer with a Mac's credentials", () => {
  test.each(["its own id", "the honest Mac's", "the hub's"])("gains nothing with %s", async (whose) => {
    const mac = await stage.edge.pair(stage.attacker, `stock-${randomUUID().slice(0, 8)}`);
    const ids = {
      "its own id": mac.id,
      "the honest Mac's": stage.honest.id,
      "the hub's": stage.edge.hub().broker.nodeID,
    };
    const { jwt } = await mac.credentials();
    const [authenticator, servers] = [jwtAuthenticator(jwt, mac.key.seed), stage.edge.server.url];
    const stock = new ServiceBroker({
      ...{ nodeID: ids[whose as keyof typeof ids], namespace: "edge", logger: false },
      transporter: { type: "NATS", options: { servers, authenticator, reconnect: false } },
      ...{ heartbeatInterval: 1, skipProcessEventRegistration: true },
    } as unknown as BrokerOptions);
    const got: unknown[] = [];
    const login = ({ params, nodeID }: { params: unknown; nodeID: string }) =>
      nodeID !== stock.nodeID && got.push(params);
    stock.createService({ name: "users", actions: { login }, events: { "**": login } } as never);
    stock.createService({ name: "node", actions: { execute: login } } as never);
    // It never finds out that it is refused.
    const started = stock.start().catch(() => undefined);
    await Promise.race([started, new Promise((resolve) => setTimeout(resolve, 2_500))]);
    await honestCall();
    await stage.edge.hub().broker.broadcast("anything", {});
    expect(got).toEqual([]);
    expect(stock.registry.getNodeList({ onlyAvailable: true }).filter(({ local }) => !local)).toEqual([]);
    expect(stage.edge.hub().instanceOf(mac.id)).toBeUndefined();
    // Deaf as it is, it would never come to an end by itself.
    const { client } = (stock.transit as unknown as { tx: { client: NatsConnection } }).tx;
    await client.close();
    await Promise.race([
      stock.stop().catch(() => undefined),
      new Promise((resolve) => setTimeout(resolve, 1_000)),
    ]);
  });
});
