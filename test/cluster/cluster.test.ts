// A cluster as an operator starts it: services as processes of their own, two gateways, agents that die, on the real servers.
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Client, register } from "../support/client.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import type { TestServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

let cluster: Cluster;
let gateways: [TestServer, TestServer];
let agent: TestServer;
beforeAll(async () => {
  cluster = await startCluster();
  const [, ...started] = await Promise.all([
    cluster.add("users,quota,sessions,tools,nodes,node"),
    cluster.add("api"),
    cluster.add("api"),
    cluster.add("agent"),
  ]);
  const [first, second, third] = started as [TestServer, TestServer, TestServer];
  gateways = [first, second];
  agent = third;
  for (const { url } of gateways)
    await waitFor(
      "the gateway is ready",
      async () => (await new Client(url).call("GET", "/health/ready")).status === 200,
    );
});
afterAll(() => cluster.stop());

/** Somebody who is known to both gateways. */
async function someone(): Promise<[Client, Client]> {
  const user = await register(gateways[0].url);
  return [user, new Client(gateways[1].url, user.token)];
}

const textOf = (events: { event: string; data: Record<string, unknown> }[]) =>
  events.flatMap(({ event, data }) => (event === "content" ? [data.text] : [])).join("");

describe("a cluster", () => {
  test("G9 a chat through one gateway is read again through the other, the same to the last event", async () => {
    const [here, there] = await someone();
    cluster.fake.script([{ text: ["one ", "two ", "three"] }] as never);
    const told = await here.chat({ message: "count" });
    expect(told.at(-1)?.event).toBe("done");
    const run = String(told[0]?.data.run_id);
    expect(await there.events(run)).toEqual(told);
    expect(await there.events(run, 2)).toEqual(told.slice(2));
  });

  test("G11 a run is cancelled through another gateway than the one it came through", async () => {
    const [here, there] = await someone();
    cluster.fake.script();
    cluster.fake.hold();
    const asked = cluster.fake.waitForRequest(({ body }) => JSON.stringify(body).includes("cancel me"));
    const running = here.chat({ message: "cancel me" });
    const { gone } = await asked;
    const { body } = await there.call<{ runs: { id: string }[] }>("GET", "/agent/runs");
    await there.call("POST", `/agent/cancel/${body.runs[0]?.id}`);
    await gone;
    cluster.fake.release();
    expect((await running).at(-1)).toMatchObject({ event: "done", data: { status: "cancelled" } });
  });

  test("G5 an agent that is killed while the model answers is followed by another one, and the stream goes on where it was", async () => {
    const [here] = await someone();
    cluster.fake.script();
    cluster.fake.hold();
    const asked = cluster.fake.waitForRequest(({ body }) => JSON.stringify(body).includes("survive this"));
    const running = here.chat({ message: "survive this" });
    await asked;
    const next = await cluster.add("agent");
    await agent.kill("SIGKILL");
    cluster.fake.release();
    const told = await running;
    agent = next;
    expect(told.at(-1)).toMatchObject({ event: "done", data: { status: "completed" } });
    expect(told.map(({ id }) => id)).toEqual(told.map((_, index) => index + 1));
    expect(textOf(told)).not.toBe("");
  });
});
