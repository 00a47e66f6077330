// Tracing as an operator has it: one trace a run at the collector, with nothing of what was said; and without a collector nothing at all.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { type AnyEvent, Client, register } from "../support/client.ts";
import { type CollectedSpan, type Collector, startCollector } from "../support/collector.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { waitFor } from "../support/wait-for.ts";

let collector: Collector;
let stack: Stack;
beforeAll(async () => {
  collector = await startCollector();
  stack = await startStack({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_TRACES_SAMPLER_ARG: "1",
    OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=a%20test",
    METRICS_PORT: "0",
  });
});
afterEach(() => {
  collector.answer("well");
  stack.fake.script();
});
afterAll(async () => {
  await stack.stop();
  await collector.close();
});

const SECRET = "canary-of-a-text-4712";
const PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/** The spans of a trace, once one of this name has come. */
async function traceWith(name: string, isIt: (span: CollectedSpan) => boolean = () => true) {
  const found = await waitFor(`the span ${name}`, () =>
    collector.spans.findLast((span) => span.name === name && isIt(span)),
  );
  return collector.spans.filter(({ traceId }) => traceId === found.traceId);
}

const traceIdOf = (headers: Headers) => headers.get("traceresponse")?.split("-")[1] ?? "";
/** Names from the span to the first one of its trace. */
function upFrom(spans: CollectedSpan[], name: string): string[] {
  const names: string[] = [];
  for (let at = spans.find((span) => span.name === name); at; at = parentOf(spans, at)) names.push(at.name);
  return names;
}
const parentOf = (spans: CollectedSpan[], { parentSpanId }: CollectedSpan) =>
  spans.find(({ spanId }) => spanId === parentSpanId);

async function runOneTool(user: Client): Promise<AnyEvent[]> {
  const path = join(stack.workspace, `${SECRET}.txt`);
  await writeFile(path, SECRET);
  return user.chat({ message: `call:read_file ${JSON.stringify({ path })}` });
}

test("a run is one trace: the request, calls between services, the run, each question to the model, each tool call", async () => {
  const user = await register(stack.server.url);
  const events = await runOneTool(user);
  const run = String(events[0]?.data.run_id);
  await traceWith("POST /api/v1/agent/chat");
  const spans = await traceWith(
    "invoke_agent macjarvis",
    ({ attributes }) => attributes["macjarvis.run.id"] === run,
  );
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
  const CHAT = ["agent.start", "POST /api/v1/agent/chat"];
  expect(upFrom(spans, "node.execute")).toEqual([
    "node.execute",
    "tools.run",
    "execute_tool read_file",
    "invoke_agent macjarvis",
    ...CHAT,
  ]);
  expect(upFrom(spans, "chat fake")).toEqual(["chat fake", "invoke_agent macjarvis", ...CHAT]);
  expect(upFrom(spans, "quota.reserve")).toEqual(["quota.reserve", ...CHAT]);
  const attributesOf = (name: string) =>
    spans.filter((span) => span.name === name).map((span) => span.attributes);
  expect(attributesOf("chat fake")).toHaveLength(2);
  expect(attributesOf("chat fake")[0]).toMatchObject({
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "fake",
    "gen_ai.usage.output_tokens": expect.any(Number),
  });
  expect(attributesOf("chat fake")[1]).toMatchObject({
    "gen_ai.response.time_to_first_chunk": expect.any(Number),
    "macjarvis.model.outcome": "stop",
  });
  expect(attributesOf("execute_tool read_file")).toMatchObject([
    {
      "gen_ai.tool.name": "read_file",
      "macjarvis.call.status": "done",
      "macjarvis.node.id": expect.any(String),
    },
  ]);
  expect(attributesOf("invoke_agent macjarvis")).toMatchObject([
    { "macjarvis.run.status": "completed", "macjarvis.run.finish_reason": "stop" },
  ]);
  expect(attributesOf("POST /api/v1/agent/chat")).toMatchObject([
    { "http.request.method": "POST", "http.route": "/api/v1/agent/chat", "http.response.status_code": 200 },
  ]);
  expect(spans[0]?.resource).toMatchObject({
    "service.name": "macjarvis",
    "deployment.environment.name": "a test",
    "service.instance.id": expect.any(String),
  });
});

test("nothing that was said, read or is secret is in any trace", async () => {
  const user = await register(stack.server.url);
  stack.fake.script(({ heard }) => (heard.results.length > 0 ? { text: [`I read ${SECRET}`] } : undefined));
  await runOneTool(user);
  await user.call("GET", `/sessions/${SECRET}?limit=5`);
  await user.call("POST", "/users/login", { email: `${SECRET}@example.com`, password: SECRET });
  await traceWith("POST /api/v1/users/login");
  const sent = collector.raw();
  expect(sent).toContain("execute_tool read_file");
  for (const secret of [
    SECRET,
    "call:read_file",
    "sk-test-canary-4711",
    user.token ?? "no token",
    stack.workspace,
  ])
    expect(sent).not.toContain(secret);
});

test("a run that waits for an approval goes on in the same trace, also after a restart", async () => {
  const user = await register(stack.server.url);
  const path = join(stack.workspace, "asked.txt");
  await writeFile(path, "a");
  const message = `call:append_file ${JSON.stringify({ path, content: "b" })}`;
  const asked = await user.call<{ run_id: string; approvals: { call_id: string }[] }>(
    "POST",
    "/agent/chat/sync",
    { message },
  );
  const { run_id, approvals } = asked.body;
  const traceId = traceIdOf(asked.headers);
  await stack.restart();
  const again = new Client(stack.server.url, user.token);
  const approve = `/agent/runs/${run_id}/approvals/${approvals[0]?.call_id}`;
  expect((await again.call("POST", approve, { decision: "approve" })).status).toBe(200);
  await again.events(run_id);
  const spans = await traceWith("execute_tool append_file");
  expect(spans[0]?.traceId).toBe(traceId);
  await waitFor("the end of its second stretch", () =>
    collector.spans.some(
      (span) => span.traceId === traceId && span.attributes["macjarvis.run.status"] === "completed",
    ),
  );
});

test("a stranger's traceparent counts for nothing: neither its trace nor its wish to be traced", async () => {
  const { headers } = await new Client(stack.server.url).call("GET", "/plans", undefined, {
    traceparent: PARENT,
  });
  expect(headers.get("traceresponse")).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-01$/);
  expect(traceIdOf(headers)).not.toBe(PARENT.split("-")[1]);
});

test("the traceparent of a trusted address is taken over, with whether it is traced; one that is malformed begins a trace", async () => {
  await stack.restart({ TRUSTED_TRACE_SOURCES: "127.0.0.1", OTEL_TRACES_SAMPLER_ARG: "0" });
  const ask = async (traceparent: string) =>
    (await new Client(stack.server.url).call("GET", "/plans", undefined, { traceparent })).headers;
  try {
    const [, traceId = "", spanId = ""] = PARENT.split("-");
    expect(traceIdOf(await ask(PARENT))).toBe(traceId);
    const isOfIt = (span: CollectedSpan) => span.traceId === traceId;
    const spans = await traceWith("GET /api/v1/plans", isOfIt);
    expect(spans.find(({ name }) => name === "GET /api/v1/plans")?.parentSpanId).toBe(spanId);
    expect((await ask(PARENT.replace(/1$/, "0"))).get("traceresponse")).toMatch(/-00$/);
    for (const malformed of [
      "",
      "nonsense",
      PARENT.replace("0af7", "0AF7"),
      `00-${"0".repeat(32)}-${spanId}-01`,
    ])
      expect((await ask(malformed)).get("traceresponse")).toMatch(/^00-(?!0{32})[\da-f]{32}-[\da-f]{16}-00$/);
  } finally {
    await stack.restart({ TRUSTED_TRACE_SOURCES: "", OTEL_TRACES_SAMPLER_ARG: "1" });
  }
});

test("lines of the log carry the trace they are part of", async () => {
  const user = await register(stack.server.url);
  const { headers } = await user.call("POST", "/agent/chat/sync", { message: "hello" });
  const traceId = traceIdOf(headers);
  const lines = await waitFor("the lines", () => {
    const ours = stack.server
      .output()
      .split("\n")
      .filter((line) => line.includes(traceId));
    return ours.some((line) => line.includes('"msg":"request"')) && ours;
  });
  const read = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  const accepted = read.find(({ msg }) => msg === "run accepted");
  expect(accepted).toMatchObject({ trace_id: traceId, span_id: expect.stringMatching(/^[\da-f]{16}$/) });
  expect(read.find(({ msg }) => msg === "request")).toMatchObject({
    trace_id: traceId,
    request_id: expect.any(String),
  });
});

test("a collector that refuses hurts nobody: what is lost is counted, said once, and traces come again when it is well", async () => {
  collector.answer(400);
  const user = await register(stack.server.url);
  await user.chat({ message: "hello" });
  const metrics =
    /"metrics":"([^"]+)"/.exec(
      stack.server
        .output()
        .split("\n")
        .findLast((line) => line.includes('"msg":"started"')) ?? "",
    )?.[1] ?? "";
  await waitFor("the count", async () =>
    /macjarvis_spans_lost_total\{reason="not taken"\} [1-9]/.test(await (await fetch(metrics)).text()),
  );
  const said = () => stack.server.output().split("traces do not reach the collector").length - 1;
  await waitFor("the word", () => said() === 1);
  await user.chat({ message: "hello" });
  collector.answer("well");
  const { headers } = await user.call("GET", "/users/me");
  await traceWith("GET /api/v1/users/me", ({ traceId }) => traceId === traceIdOf(headers));
  expect(said()).toBe(1);
});

test("what was traced last is sent before the server is gone", async () => {
  const { headers } = await new Client(stack.server.url).call("GET", "/plans");
  await stack.server.kill("SIGTERM");
  expect(collector.spans.map(({ traceId }) => traceId)).toContain(traceIdOf(headers));
  await stack.restart();
});

test("a collector that never answers keeps no stop waiting", async () => {
  collector.answer("never");
  const user = await register(stack.server.url);
  await user.chat({ message: "hello" });
  await stack.server.kill("SIGTERM");
  expect(stack.server.output()).toContain('"msg":"stopped"');
  await stack.restart();
});

test("without a collector nothing of tracing is loaded, and answers and log lines say nothing of it", async () => {
  const probe = pathToFileURL(join(import.meta.dirname, "../support/loaded-modules.mjs")).href;
  const off = await startStack({ NODE_OPTIONS: `--import=${probe}` });
  try {
    const user = await register(off.server.url);
    const answer = await user.call("POST", "/agent/chat/sync", { message: "hello" });
    expect(answer.headers.get("traceresponse")).toBeNull();
    process.kill(off.server.pid, "SIGUSR2");
    const told = await waitFor("the modules", () => /^loaded (.*)$/m.exec(off.server.output())?.[1]);
    const modules = JSON.parse(told) as string[];
    expect(modules.some((name) => name.endsWith("/services/api.service.ts"))).toBe(true);
    const ours = /\/lib\/tracing\/(open-tracing|bounded-export|trace-calls)\.ts$|traced-asker/;
    expect(modules.filter((name) => name.includes("@opentelemetry/") || ours.test(name))).toEqual([]);
    expect(off.server.output()).not.toContain("trace_id");
  } finally {
    await off.stop();
  }
});
