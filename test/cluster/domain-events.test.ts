// Domain events as a program outside hears them: each that happens, whoever dies meanwhile, and nothing that is nobody's business.
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { connect, type NatsConnection } from "nats";
import { type DomainEvent, parseDomainEvent } from "../../contracts/domain-events.ts";
import { type AnyEvent, Client, register } from "../support/client.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import type { TestServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

let cluster: Cluster;
let core: TestServer;
let gateway: TestServer;
let machine: TestServer;
let agent: TestServer;
let outside: NatsConnection;
/** All that came, repeats too. */
const heard: DomainEvent[] = [];

beforeAll(async () => {
  cluster = await startCluster();
  outside = await connect({ servers: cluster.servers.nats.url });
  outside.subscribe("mj.event.>", {
    callback: (_error, message) => {
      const event = parseDomainEvent(message.json());
      expect(message.subject).toBe(`mj.event.${event.type}`);
      heard.push(event);
    },
  });
  await outside.flush();
  [core, gateway, machine, agent] = (await Promise.all([
    cluster.add("users,quota,sessions,tools,nodes"),
    cluster.add("api"),
    cluster.add("node"),
    cluster.add("agent"),
  ])) as [TestServer, TestServer, TestServer, TestServer];
  await whenReady();
});
afterAll(async () => {
  await outside.close();
  await cluster.stop();
});

const whenReady = () =>
  waitFor(
    "the gateway is ready",
    async () => (await new Client(gateway.url).call("GET", "/health/ready")).status === 200,
  );

type Ids = Record<string, unknown>;

/** Of a type, with these ids, each once. */
function told(type: DomainEvent["type"], ids: Ids): DomainEvent[] {
  const all = new Map(heard.map((event) => [event.id, event]));
  const fits = ({ data }: DomainEvent) =>
    Object.entries(ids).every(([name, id]) => (data as Ids)[name] === id);
  return [...all.values()].filter((event) => event.type === type && fits(event));
}

const hears = (type: DomainEvent["type"], ids: Ids, times = 1) =>
  waitFor(`${times} ${type}`, () => told(type, ids).length >= times);

const idsOf = (events: AnyEvent[]) => ({
  run_id: String(events[0]?.data.run_id),
  session_id: String(events[0]?.data.session_id),
});

test("a chat with a tool is heard outside as what happened in it, each event once, and no word of what was said", async () => {
  const user = await register(gateway.url);
  const toolCalls = [{ name: "system_info", arguments: {} }];
  cluster.fake.script([{ toolCalls }, { text: ["the clock is a secret"] }] as never);
  const { run_id, session_id } = idsOf(await user.chat({ message: "what is my secret time" }));
  await hears("user.registered", { user_id: user.id });
  await hears("run.finished", { run_id });
  await hears("message.sent", { run_id }, 3);
  await hears("tool.executed", { run_id });
  await hears("session.created", { session_id });
  expect(told("run.finished", { run_id })).toEqual([
    {
      ...{ id: expect.stringMatching(/^evt_/), type: "run.finished", source: "agent", version: 1 },
      timestamp: expect.any(String),
      data: {
        ...{ run_id, session_id, user_id: user.id, status: "completed", finish_reason: "stop" },
        ...{ model: "openai/fake", steps: 2 },
        ...{
          input_tokens: expect.any(Number),
          output_tokens: expect.any(Number),
          cost_micro: expect.any(Number),
        },
      },
    },
  ]);
  expect(told("tool.executed", { run_id }).map(({ data }) => data)).toEqual([
    expect.objectContaining({ user_id: user.id, name: "system_info", status: "done", ok: true }),
  ]);
  const sent = told("message.sent", { run_id }).map(({ data }) => (data as Ids).role);
  expect(sent.toSorted()).toEqual(["assistant", "assistant", "user"]);
  expect(told("session.created", { session_id })).toHaveLength(1);
  const ofRun = heard.filter(({ data }) => (data as Ids).run_id === run_id);
  expect(ofRun.map(({ id }) => id).toSorted()).toEqual([...new Set(ofRun.map(({ id }) => id))].toSorted());
  expect(JSON.stringify(heard)).not.toMatch(/secret/);
});

test("what is done by hand is heard as well: a session, a message in it, a tool, another plan", async () => {
  const user = await register(gateway.url);
  const { session } = (await user.call<{ session: { id: string } }>("POST", "/sessions", {})).body;
  await hears("session.created", { session_id: session.id, user_id: user.id });
  await user.call("POST", `/sessions/${session.id}/messages`, { role: "user", content: "noted" });
  await hears("message.sent", { session_id: session.id, role: "user" });
  const done = await user.call("POST", "/tools/system_info/execute", { args: {} });
  expect(done.status).toBe(200);
  await hears("tool.executed", { user_id: user.id, name: "system_info", status: "done" });
  const admin = new Client(gateway.url, await core.ownerKey());
  expect((await admin.call("PATCH", `/admin/users/${user.id}`, { plan: "pro" })).status).toBe(200);
  await hears("subscription.changed", { user_id: user.id, plan: "pro", former_plan: "free" });
});

describe("an agent that is killed leaves no end untold", () => {
  test.each([
    "accept.entered",
    "finish.decided",
    "finish.settled",
    "finish.left",
    "finish.audited",
    "finish.done",
  ])("at %s", async (point) => {
    const user = await register(gateway.url);
    cluster.fake.script([{ text: ["the end"] }] as never);
    // It says that it goes: the chat is for the one that will die.
    await agent.kill("SIGTERM");
    const victim = await cluster.add("agent", { CRASH_AT: point });
    await whenReady();
    const chat = user.chat({ message: "on" }).catch(() => undefined);
    await victim.died();
    agent = await cluster.add("agent");
    await chat;
    const run = await waitFor("the gateway knows the next agent", async () => {
      const { runs } = (await user.call<{ runs?: Ids[] }>("GET", "/agent/runs")).body;
      return runs?.[0];
    });
    const { id: run_id, session_id } = run;
    await hears("run.finished", { run_id });
    await hears("message.sent", { run_id }, 2);
    await hears("session.created", { user_id: user.id, session_id });
    expect(told("run.finished", { run_id })).toHaveLength(1);
    expect(told("message.sent", { run_id })).toHaveLength(2);
  });
});

test("a machine's process that comes and one that dies are heard", async () => {
  await hears("node.joined", {});
  const [joined] = told("node.joined", {}) as [DomainEvent];
  expect(joined).toMatchObject({ source: "nodes", data: { process: expect.stringMatching(/^node-/) } });
  const { process } = joined.data as { process: string };
  await machine.kill("SIGKILL");
  await hears("node.left", { process });
  expect(told("node.left", { process })).toHaveLength(1);
});
