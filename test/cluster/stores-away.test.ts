// The store of people and money is away from a running cluster: who comes then is told when to come again, before a model is asked.
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Client, register } from "../support/client.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import type { TestServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

let cluster: Cluster;
let gateway: TestServer;
beforeAll(async () => {
  cluster = await startCluster();
  const all = ["users,quota,sessions,tools,nodes,node", "agent", "api"];
  gateway = (await Promise.all(all.map((services) => cluster.add(services))))[2] as TestServer;
  await whenReady();
});
afterAll(() => cluster.stop());

const whenReady = () =>
  waitFor(
    "the gateway is ready",
    async () => (await new Client(gateway.url).call("GET", "/health/ready")).status === 200,
  );

test("G12 without PostgreSQL a chat is 503 with Retry-After and asks no model; what was answered before is there afterwards, and what was refused is not done", async () => {
  const user = await register(gateway.url);
  const chat = (message: string) => user.call<{ run_id: string }>("POST", "/agent/chat/sync", { message });
  const before = await chat("before");
  expect(before.status).toBe(200);
  const asked = cluster.fake.requests.length;
  await cluster.servers.postgres.kill();
  const refused = await chat("refused");
  expect([refused.status, Number(refused.headers.get("retry-after")) > 0]).toEqual([503, true]);
  expect(cluster.fake.requests.length).toBe(asked);
  await cluster.servers.postgres.restart();
  await whenReady();
  await waitFor("it is taken again", async () => (await chat("after")).status === 200);
  const told = await user.events(before.body.run_id);
  expect(told.at(-1)).toMatchObject({ event: "done", data: { status: "completed" } });
  const heard = cluster.fake.requests.slice(asked).map(({ heard: { message } }) => message);
  expect(new Set(heard)).toEqual(new Set(["after"]));
});
