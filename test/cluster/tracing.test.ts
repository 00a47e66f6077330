// One trace for one run, whichever processes work on it, also when one of them dies.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Client, register } from "../support/client.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { type CollectedSpan, type Collector, startCollector } from "../support/collector.ts";
import type { TestServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

let collector: Collector;
let cluster: Cluster;
let gateway: TestServer;
let agents: TestServer[];
const env = () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_TRACES_SAMPLER_ARG: "1" });
beforeAll(async () => {
  collector = await startCollector();
  cluster = await startCluster();
  const all = ["users,quota,sessions,tools,nodes", "node", "api", "agent"];
  const started = await Promise.all(all.map((services) => cluster.add(services, env())));
  [gateway, agents] = [started[2] as TestServer, started.slice(3)];
  await waitFor(
    "the gateway is ready",
    async () => (await new Client(gateway.url).call("GET", "/health/ready")).status === 200,
  );
});
afterAll(async () => {
  await cluster.stop();
  await collector.close();
});

const processOf = ({ resource }: CollectedSpan) => resource["macjarvis.services"];
const parentOf = (spans: CollectedSpan[], { parentSpanId }: CollectedSpan) =>
  spans.find(({ spanId }) => spanId === parentSpanId);
const traceOf = (traceId: string) => collector.spans.filter((span) => span.traceId === traceId);

/** The run's trace, once its request and its last stretch have ended. */
async function traceOfRun(run: string): Promise<CollectedSpan[]> {
  const last = await waitFor("the end of the run", () =>
    collector.spans.find(
      ({ attributes }) => attributes["macjarvis.run.id"] === run && attributes["macjarvis.run.status"],
    ),
  );
  return waitFor("its request", () => {
    const spans = traceOf(last.traceId);
    return spans.some(({ name }) => name === "POST /api/v1/agent/chat") && spans;
  });
}

test("a run over four processes is one trace, with each call between them from both sides", async () => {
  const user = await register(gateway.url);
  const path = join(cluster.workspace, "read.txt");
  await writeFile(path, "hello");
  const message = `call:read_file ${JSON.stringify({ path })}`;
  const events = await user.chat({ message });
  expect(events.at(-1)?.data.status).toBe("completed");
  const spans = await traceOfRun(String(events[0]?.data.run_id));
  const executed = await waitFor("the call on the node", () =>
    traceOf(spans[0]?.traceId ?? "").find(({ name, kind }) => name === "node.execute" && kind === 2),
  );
  // Each process sends its own, when it comes to it.
  const way = await waitFor("all between the request and the node", () => {
    const seen: [unknown, string, number][] = [];
    for (let at: CollectedSpan | undefined = executed; at; at = parentOf(traceOf(executed.traceId), at))
      seen.push([processOf(at), at.name, at.kind]);
    return seen.at(-1)?.[1] === "POST /api/v1/agent/chat" && seen;
  });
  const CORE = "users,quota,sessions,nodes,tools";
  const ofCore = way.map(([services]) => services).find((services) => String(services).includes("tools"));
  expect(new Set(String(ofCore).split(","))).toEqual(new Set(CORE.split(",")));
  expect(way).toEqual([
    ["node", "node.execute", 2],
    [ofCore, "node.execute", 3],
    [ofCore, "tools.run", 2],
    ["agent", "tools.run", 3],
    ["agent", "execute_tool read_file", 1],
    ["agent", "invoke_agent macjarvis", 1],
    ["agent", "agent.start", 2],
    ["api", "agent.start", 3],
    ["api", "POST /api/v1/agent/chat", 2],
  ]);
});

test("an agent is killed while the model answers: whoever takes the run over works on it in the same trace", async () => {
  const user = await register(gateway.url);
  cluster.fake.script(() => ({ text: ["one ", "two"], gateAfter: 1, gate: new Promise(() => undefined) }));
  const begun = user.chat({ message: "hello" });
  const run = await waitFor("the run is there", async () => {
    const { body } = await user.call<{ runs: { id: string }[] }>("GET", "/agent/runs");
    return body.runs[0]?.id;
  });
  await user.events(run, 0, ({ event }) => event === "content");
  const [dying] = agents;
  agents.push(await cluster.add("agent", env()));
  await dying?.kill("SIGKILL");
  cluster.fake.script(() => ({ text: ["all of it"] }));
  await begun;
  await user.events(run, 0, ({ event }) => event === "done");
  const spans = await traceOfRun(run);
  const stretches = spans.filter(({ attributes }) => attributes["macjarvis.run.id"] === run);
  expect(stretches.at(-1)?.attributes).toMatchObject({
    "macjarvis.run.epoch": 2,
    "macjarvis.run.status": "completed",
  });
  expect(spans.some((span) => span.name === "chat fake" && parentOf(spans, span) === stretches.at(-1))).toBe(
    true,
  );
});
