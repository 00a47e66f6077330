// A Mac that says far too much is kept away for a minute, and comes back; several processes of `nodes` tell one nats-server.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from "@jest/globals";
import type { ServiceBroker } from "moleculer";
import type { NatsConnection } from "nats";
import { pino } from "pino";
import type { Caller } from "../../contracts/access.ts";
import type { ActionName, ParamsOf, ResultOf } from "../../contracts/actions.ts";
import type { NodeId, PairingId } from "../../contracts/ids.ts";
import { NODE_REVOKED } from "../../contracts/signals.ts";
import { callAs, SYSTEM } from "../../lib/broker/action.ts";
import { Identity } from "../../lib/broker/authorization.ts";
import { openEmbeddedPorts } from "../../lib/embedded/open-embedded-ports.ts";
import { createBroker } from "../../moleculer.config.ts";
import { nodesService } from "../../services/nodes.service.ts";
import { quotaService } from "../../services/quota.service.ts";
import { sessionsService } from "../../services/sessions.service.ts";
import { usersService } from "../../services/users.service.ts";
import { TestMac } from "../support/edge/pair-mac.ts";
import { type EdgeServer, startEdgeServer } from "../support/edge/start-edge-server.ts";
import { aUser } from "../support/test-broker.ts";

let edge: EdgeServer;
let home: string;
let ports: ReturnType<typeof openEmbeddedPorts>;
/** Two processes, as far as the registry and nats-server can tell. */
let one: ServiceBroker;
let other: ServiceBroker;
let owner: Caller;
const identity = new Identity(Buffer.alloc(32, 7));
const opened: NatsConnection[] = [];
const REFUSED = /Authorization Violation/;

beforeAll(async () => {
  edge = await startEdgeServer();
  home = await mkdtemp(join(tmpdir(), "macjarvis-nodes-"));
  ports = openEmbeddedPorts({ home });
  [one, other] = [await start(), await start()];
  const { user } = await one.call<{ user: { id: string } }, object>(
    "users.register",
    { email: "owner@example.com", password: "correct horse battery" },
    { meta: { clientAddress: "192.0.2.1" } },
  );
  owner = aUser({ user_id: user.id as Caller["user_id"] });
});
afterEach(async () => {
  jest.restoreAllMocks();
  await Promise.all(opened.splice(0).map((connection) => connection.close()));
});
afterAll(async () => {
  await Promise.all([one.stop(), other.stop()]);
  await ports.close();
  await edge.stop();
  await rm(home, { recursive: true, force: true });
});

async function start(): Promise<ServiceBroker> {
  const broker = createBroker({ ports, identity, log: pino({ level: "silent" }) });
  for (const schema of [
    usersService({ secrets: ["s".repeat(32)], registration: "open", hashing: { cost: 4 } }),
    quotaService(),
    sessionsService(),
    nodesService({
      hostTools: "owner",
      edge: { url: edge.url, publicUrl: edge.url, keysFolder: edge.keysFolder },
    }),
  ])
    broker.createService(schema);
  await broker.start();
  return broker;
}

function ask<Name extends ActionName>(
  broker: ServiceBroker,
  name: Name,
  params: ParamsOf<Name>,
): Promise<ResultOf<Name>> {
  return broker.call(name, params as object, { meta: { identity: identity.sign(owner) } }) as never;
}

async function pair(): Promise<TestMac> {
  const mac = new TestMac("http://none.example");
  const { id, code } = await ask(one, "nodes.pair", {});
  await ask(other, "nodes.redeem", mac.redemption(code) as never);
  await ask(one, "nodes.confirm", { id: id as PairingId });
  const answer = await ask(other, "nodes.redeem", mac.redemption(code) as never);
  if (answer.status !== "confirmed") throw new Error("the Mac is not paired");
  return Object.assign(mac, { id: answer.node_id, credentials: answer.credentials });
}

async function come(mac: TestMac): Promise<NatsConnection> {
  const connection = await mac.connect();
  opened.push(connection);
  return connection;
}
const renew = async (mac: TestMac) => {
  mac.credentials = await ask(one, "nodes.credentials", mac.renewal() as never);
};
const later = (ms: number) => {
  const now = Date.now;
  jest.spyOn(Date, "now").mockImplementation(() => now() + ms);
};
const nodeOf = async ({ id }: TestMac) => (await ask(one, "nodes.get", { id: id as NodeId })).node;

test("G25 a Mac that floods is cut off for a minute, others are not, and then it comes back", async () => {
  const [mac, bystander] = [await pair(), await pair()];
  const [connection, stays] = [await come(mac), await come(bystander)];
  const reason = "it said far too much";
  for (const broker of [one, other])
    await callAs(broker, "tools", SYSTEM, "nodes.cutOff", { node_id: mac.id as NodeId, reason });
  expect(String(await connection.closed())).toMatch(/Revoked/);
  await expect(come(mac)).rejects.toThrow(REFUSED);
  await expect(renew(mac)).rejects.toMatchObject({
    type: "node_cut_off",
    data: { retryAfterMs: expect.any(Number) },
  });
  expect(await nodeOf(mac)).toMatchObject({ status: "offline", problem: expect.stringContaining(reason) });
  await stays.flush();
  later(61_000);
  await renew(mac);
  // What is signed after the minute is good, while all from before it stays worth nothing.
  await (await come(mac)).flush();
  expect(await nodeOf(mac)).toMatchObject({ status: "offline" });
});

describe("with two processes of `nodes`", () => {
  test("G23 Macs that are revoked by both at once are all out in the end", async () => {
    const macs = await Promise.all(Array.from({ length: 4 }, pair));
    const connections = await Promise.all(macs.map(come));
    const heard: unknown[] = [];
    const quiet = ports.signals.subscribe(NODE_REVOKED, (data) => heard.push(data));
    await Promise.all(
      macs.map(({ id }, index) => ask(index % 2 === 0 ? one : other, "nodes.revoke", { id: id as NodeId })),
    );
    quiet();
    for (const connection of connections) expect(String(await connection.closed())).toMatch(/Revoked/);
    for (const mac of macs) await expect(come(mac)).rejects.toThrow(REFUSED);
    expect(heard).toHaveLength(4);
  });

  test("of two Macs that redeem a code at both at once one has it", async () => {
    const { code } = await ask(one, "nodes.pair", {});
    const asked = await Promise.allSettled(
      [one, other].map((broker) =>
        ask(broker, "nodes.redeem", new TestMac("http://none.example").redemption(code) as never),
      ),
    );
    expect(asked.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  });
});
