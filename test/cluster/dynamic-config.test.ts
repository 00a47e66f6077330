// The configuration of a cluster as an operator starts it: changed through one gateway, it holds in the processes of the others.
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { ConfigView } from "../../contracts/config.ts";
import { Client, register } from "../support/client.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import type { TestServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

let cluster: Cluster;
let gateways: [TestServer, TestServer];
let admins: [Client, Client];
let agents: TestServer;
beforeAll(async () => {
  cluster = await startCluster();
  const [core, ...started] = await Promise.all([
    cluster.add("users,quota,sessions,tools,nodes,node"),
    cluster.add("api"),
    cluster.add("api"),
    cluster.add("agent"),
  ]);
  const [first, second, third] = started as [TestServer, TestServer, TestServer];
  gateways = [first, second];
  agents = third;
  for (const { url } of gateways)
    await waitFor(
      "the gateway is ready",
      async () => (await new Client(url).call("GET", "/health/ready")).status === 200,
    );
  const key = await core.ownerKey();
  admins = [new Client(first.url, key), new Client(second.url, key)];
});
afterAll(() => cluster.stop());

const put = (admin: Client, overrides: object, headers?: Record<string, string>) =>
  admin.call<ConfigView>("PUT", "/admin/config", overrides, headers);

/** Steps of a run whose model wants a tool for ever: as many as it may have. A chat that is refused, as behind a restart, is no run. */
async function stepsOfRun(user: Client): Promise<number> {
  cluster.fake.script(() => ({ toolCalls: [{ name: "system_info", arguments: "{}" }] }) as never);
  const { body } = await waitFor("a chat is accepted", async () => {
    const answer = await user.call<{ run_id: string }>("POST", "/agent/chat/sync", { message: "go on" });
    return answer.status === 200 && answer;
  });
  const run = await user.call<{ run: { steps: unknown[] } }>("GET", `/agent/runs/${body.run_id}`);
  return run.body.run.steps.length;
}

const stepsBecome = (user: Client, steps: number) =>
  waitFor(`a run has ${steps} steps`, async () => (await stepsOfRun(user)) === steps);

describe("the configuration of a cluster", () => {
  test("changed through one gateway holds in the agent, in the other gateway, and in a process that starts later", async () => {
    const user = await register(gateways[1].url);
    const changed = await put(admins[0], { max_steps: 2, anonymous_per_minute: 5 });
    expect(changed.status).toBe(200);
    const { body } = await admins[1].call<ConfigView>("GET", "/admin/config");
    expect(body).toMatchObject({ revision: changed.body.revision, settings: { max_steps: { value: 2 } } });
    await stepsBecome(user, 2);
    const nobody = new Client(gateways[1].url);
    await waitFor(
      "the other gateway counts by it",
      async () => (await nobody.call("GET", "/plans")).status === 429,
    );
    const later = await cluster.add("agent");
    await agents.kill("SIGTERM");
    expect(await stepsOfRun(user)).toBe(2);
    agents = later;
    await admins[1].call("POST", "/admin/config/revert", {});
    await waitFor(
      "it counts as before",
      async () => (await new Client(gateways[0].url).call("GET", "/plans")).status === 200,
    );
  });

  test("of two who change it through two gateways after reading the same, one wins", async () => {
    const tag = (await admins[0].call("GET", "/admin/config")).headers.get("etag") ?? "";
    const answers = await Promise.all([
      put(admins[0], { max_steps: 3 }, { "If-Match": tag }),
      put(admins[1], { max_steps: 4 }, { "If-Match": tag }),
    ]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 412]);
    const won = answers.find(({ status }) => status === 200);
    for (const admin of admins)
      expect((await admin.call<ConfigView>("GET", "/admin/config")).body.overrides).toEqual(
        won?.body.overrides,
      );
  });

  test("survives a restart of NATS, and changes after it are heard", async () => {
    const user = await register(gateways[0].url);
    await put(admins[0], { max_steps: 2 });
    await stepsBecome(user, 2);
    await cluster.servers.nats.kill();
    await waitFor(
      "the gateway says so",
      async () => (await new Client(gateways[0].url).call("GET", "/health/ready")).status === 503,
    );
    await cluster.servers.nats.restart();
    for (const { url } of gateways)
      await waitFor(
        "the gateway is ready again",
        async () => (await new Client(url).call("GET", "/health/ready")).status === 200,
      );
    await stepsBecome(user, 2);
    await waitFor("it can be changed", async () => (await put(admins[1], { max_steps: 3 })).status === 200);
    await stepsBecome(user, 3);
  });
});
