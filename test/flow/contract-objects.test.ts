// The objects and events of contract.md, field by field: nothing is missing, nothing else leaves.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { z } from "zod";
import { ROUTES } from "../../services/api/routes.ts";
import { type AnyEvent, Client, readEvents, register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";

const id = (prefix: string) =>
  z.string().regex(new RegExp(`^${prefix}_[0-9a-hjkmnp-tv-z]{26}(_\\d{3}){0,2}$`));
const time = z.iso.datetime({ offset: false }).endsWith("Z");
const count = z.int().min(0);
const usage = z.strictObject({
  input_tokens: count,
  output_tokens: count,
  cost_usd: z.number().min(0),
  estimated: z.boolean(),
});
const limit = z.number().nullable();
const limits = z.strictObject({
  runs_per_day: limit,
  runs_per_minute: limit,
  runs_per_hour: limit,
  tokens_per_day: limit,
  cost_usd_per_day: limit,
  concurrent_runs: limit,
  max_sessions: limit,
  max_tools: limit,
});
const plan = z.strictObject({
  name: z.string(),
  display_name: z.string(),
  price_monthly: limit,
  price_yearly: limit,
  limits,
  features: z.array(z.string()),
});
const user = z.strictObject({
  id: id("usr"),
  email: z.string().includes("@"),
  display_name: z.string(),
  avatar_url: z.string().nullable(),
  role: z.enum(["free_user", "pro_user", "admin"]),
  plan: z.string(),
  is_verified: z.boolean(),
  created_at: time,
  last_login_at: time.nullable(),
});
const tokens = z.strictObject({
  user,
  access_token: z.string(),
  refresh_token: z.string(),
  token_type: z.literal("Bearer"),
  expires_in: z.int().positive(),
});
const session = z.strictObject({
  id: id("ses"),
  title: z.string(),
  model: z.string().nullable(),
  message_count: count,
  is_pinned: z.boolean(),
  is_archived: z.boolean(),
  tags: z.array(z.string()),
  active_run_id: id("run").nullable(),
  created_at: time,
  updated_at: time,
});
const message = z.strictObject({
  id: id("msg"),
  session_id: id("ses"),
  role: z.enum(["user", "assistant", "tool"]),
  content: z.string(),
  tool_calls: z
    .array(z.strictObject({ call_id: id("call"), name: z.string(), args: z.unknown() }))
    .optional(),
  call_id: id("call").optional(),
  name: z.string().optional(),
  run_id: id("run").optional(),
  step: z.int().optional(),
  status: z.enum(["complete", "incomplete"]),
  created_at: time,
});
const risk = z.enum(["read", "write", "execute"]);
const approval = z.strictObject({
  call_id: id("call"),
  run_id: id("run"),
  name: z.string(),
  args: z.unknown(),
  risk,
  node_id: id("nod").nullable(),
  asked_at: time,
  expires_at: time,
  decision: z.enum(["approve", "deny", "expired"]).nullable(),
  decided_by: id("usr").nullable(),
  decided_at: time.nullable(),
});
const ended = z.enum(["done", "failed", "denied", "expired", "cancelled", "outcome_unknown"]);
const call = z.strictObject({
  call_id: id("call"),
  name: z.string(),
  args: z.unknown(),
  node_id: id("nod").nullable(),
  status: z.enum(["pending", "waiting_approval", "running", ...ended.options]),
  ok: z.boolean().nullable(),
  result: z.unknown(),
  duration_ms: z.number().nullable(),
  approval: approval.optional(),
});
const step = z.strictObject({
  number: z.int().positive(),
  status: z.enum(["complete", "incomplete"]),
  content: z.string(),
  model: z.string(),
  tool_calls: z.array(call),
  usage,
});
const failure = z.strictObject({ code: z.string(), message: z.string(), retryable: z.boolean() });
const runStatus = z.enum(["queued", "running", "waiting_approval", "completed", "failed", "cancelled"]);
const reason = z.enum(["stop", "length", "max_steps", "budget", "deadline", "cancelled", "error"]);
const run = z.strictObject({
  id: id("run"),
  session_id: id("ses"),
  status: runStatus,
  finish_reason: reason.nullable(),
  model: z.string(),
  message_id: id("msg"),
  answer_id: id("msg").nullable(),
  steps: z.array(step),
  usage,
  error: failure.optional(),
  created_at: time,
  started_at: time.nullable(),
  ended_at: time.nullable(),
});
const node = z.strictObject({
  id: id("nod"),
  name: z.string(),
  platform: z.string(),
  version: z.string(),
  status: z.enum(["online", "offline", "revoked"]),
  labels: z.record(z.string(), z.string()),
  tools: z.array(z.string()),
  last_seen_at: time,
  queue_length: count,
});
const key = z.strictObject({
  id: id("key"),
  name: z.string(),
  prefix: z.string(),
  scopes: z.array(z.string()),
  expires_at: time.nullable(),
  last_used_at: time.nullable(),
  created_at: time,
});
const tool = z.strictObject({
  name: z.string(),
  category: z.string(),
  description: z.string(),
  parameters: z.object({ type: z.literal("object") }),
  risk,
  runs_on: z.enum(["node", "server"]),
  nodes: z.array(id("nod")),
});

const inStep = { step: z.int().positive() };
const ofCall = { ...inStep, call_id: id("call") };
const named = { ...ofCall, name: z.string() };
const EVENTS: Record<string, z.ZodType> = {
  run: z.strictObject({
    run_id: id("run"),
    session_id: id("ses"),
    message_id: id("msg"),
    model: z.string(),
    status: runStatus,
    created_at: time,
  }),
  content: z.strictObject({ ...inStep, text: z.string().min(1) }),
  reasoning: z.strictObject({ ...inStep, text: z.string().min(1) }),
  usage: z.strictObject({ ...inStep, ...usage.shape, model: z.string() }),
  tool_start: z.strictObject({ ...named, args: z.unknown(), node_id: id("nod").nullable() }),
  approval_required: z.strictObject({
    ...named,
    args: z.unknown(),
    risk,
    node_id: id("nod").nullable(),
    expires_at: time,
  }),
  approval_resolved: z.strictObject({
    ...ofCall,
    decision: z.enum(["approve", "deny", "expired"]),
    by: z.string(),
    args: z.unknown().optional(),
  }),
  tool_output: z.strictObject({ ...ofCall, stream: z.enum(["stdout", "stderr"]), text: z.string() }),
  tool_result: z.strictObject({
    ...named,
    ok: z.boolean(),
    status: ended,
    result: z.unknown(),
    duration_ms: z.number().min(0),
  }),
  reset: z.strictObject({ ...inStep, reason: z.string() }),
  error: failure,
  done: z.strictObject({
    run_id: id("run"),
    status: z.enum(["completed", "failed", "cancelled"]),
    finish_reason: reason,
    message_id: id("msg").nullable(),
  }),
};

let stack: Stack;
let person: Awaited<ReturnType<typeof register>>;
let admin: Client;

beforeAll(async () => {
  stack = await startStack();
  person = await register(stack.server.url);
  admin = new Client(stack.server.url, await stack.server.ownerKey());
});
afterAll(() => stack.stop());

/** Calls and checks the whole answer. */
async function get<Schema extends z.ZodType>(
  schema: Schema,
  path: string,
  [method, body, status]: [string, unknown?, number?] = ["GET"],
  as: Client = person,
): Promise<z.output<Schema>> {
  const answer = await as.call<unknown>(method, path, body);
  expect([path, answer.status]).toEqual([path, status ?? 200]);
  return schema.parse(answer.body);
}

/** Fields and order of a run's events. */
function check(events: AnyEvent[]): void {
  for (const { event, data } of events) EVENTS[event]?.parse(data);
  const names = events.map(({ event }) => event);
  expect(Object.keys(EVENTS)).toEqual(expect.arrayContaining(names));
  expect([names[0], names.at(-1)]).toEqual(["run", "done"]);
  const failed = events.at(-1)?.data.status === "failed";
  expect(names.filter((name) => name === "error")).toHaveLength(failed ? 1 : 0);
  if (failed) expect(names.at(-2)).toBe("error");
  const at = (name: string, by: Record<string, unknown>) =>
    events.flatMap((event, index) =>
      event.event === name && Object.entries(by).every(([field, value]) => event.data[field] === value)
        ? [index]
        : [],
    );
  for (const number of new Set(events.flatMap(({ data }) => (data.step ? [data.step] : [])))) {
    const used = at("usage", { step: number });
    expect(used).toHaveLength(1);
    expect(used[0]).toBeLessThan(at("tool_start", { step: number })[0] ?? events.length - 1);
  }
  for (const started of at("tool_start", {})) {
    const call_id = events[started]?.data.call_id;
    expect(at("tool_result", { call_id }).map((result) => result > started)).toEqual([true]);
  }
}

describe("objects", () => {
  test("users, tokens, keys, plans and usage", async () => {
    const { email, password } = person;
    const pair = await get(tokens, "/users/login", ["POST", { email, password }]);
    expect(pair.user.last_login_at).not.toBeNull();
    await get(tokens, "/users/refresh", ["POST", { refresh_token: pair.refresh_token }]);
    await get(z.strictObject({ user }), "/users/me");
    await get(z.strictObject({ user }), "/users/me", ["PUT", { display_name: "Ada" }]);
    await get(z.strictObject({ key, secret: z.string() }), "/users/me/keys", ["POST", { name: "a" }, 201]);
    const { keys } = await get(z.strictObject({ keys: z.array(key) }), "/users/me/keys");
    expect(keys).toHaveLength(1);
    const { plans } = await get(z.strictObject({ plans: z.array(plan) }), "/plans");
    expect(plans.map(({ name, limits: all }) => [name, Object.values(all)])).toEqual([
      ["free", [200, 60, 120, 500_000, 1, 5, 200, 64]],
      ["pro", [2_000, 120, 600, 10_000_000, 20, 20, 5_000, 128]],
      ["enterprise", [null, null, null, null, null, null, null, null]],
    ]);
    await get(
      z.strictObject({
        plan: z.string(),
        status: z.string(),
        started_at: time,
        expires_at: time.nullable(),
        limits,
      }),
      "/users/me/subscription",
    );
    const day = { requests: count, input_tokens: count, output_tokens: count, cost_usd: z.number() };
    const report = z.strictObject({
      today: z.strictObject({ ...day, limit, remaining: limit, resets_at: time }),
      daily: z.array(z.strictObject({ ...day, date: z.iso.date() })),
    });
    await get(report, "/users/me/usage?days=90");
    const managed = z.strictObject({ ...user.shape, disabled: z.boolean() });
    const page = z.strictObject({ users: z.array(managed), next_cursor: z.string().nullable() });
    await get(page, "/admin/users", ["GET"], admin);
  });

  test("sessions, messages, runs and their pages", async () => {
    const made = await get(z.strictObject({ session }), "/sessions", ["POST", { title: "a" }, 201]);
    const path = `/sessions/${made.session.id}`;
    await get(z.strictObject({ session }), path);
    await get(z.strictObject({ session }), path, ["PATCH", { tags: ["b"], is_pinned: true }]);
    await get(z.strictObject({ session }), `${path}/title`, ["PUT", { title: "c" }]);
    const byHand = { role: "assistant", content: "by hand" };
    await get(z.strictObject({ message }), `${path}/messages`, ["POST", byHand, 201]);
    const sync = await person.call<{ run_id: string; message: unknown }>("POST", "/agent/chat/sync", {
      message: `call:list_directory ${JSON.stringify({ path: stack.workspace })}`,
      session_id: made.session.id,
    });
    const answer = z
      .strictObject({
        run_id: id("run"),
        session_id: id("ses"),
        status: z.literal("completed"),
        message,
        tool_calls: z.array(call),
        usage,
      })
      .parse(sync.body);
    expect(sync.status).toBe(200);
    const history = z.strictObject({ messages: z.array(message), has_more: z.boolean() });
    const { messages } = await get(history, `${path}/messages`);
    expect(messages.map(({ role }) => role)).toEqual(["assistant", "user", "assistant", "tool", "assistant"]);
    expect(messages.at(-1)).toEqual(answer.message);
    const one = await get(z.strictObject({ run }), `/agent/runs/${answer.run_id}`);
    expect(one.run.steps.map((each) => each.tool_calls.length)).toEqual([1, 0]);
    const cancelled = await get(z.strictObject({ run }), `/agent/cancel/${answer.run_id}`, ["POST", {}, 202]);
    expect(cancelled).toEqual(one);
    const page = { next_cursor: z.string().nullable() };
    await get(z.strictObject({ runs: z.array(run), ...page }), "/agent/runs?status=completed");
    await get(z.strictObject({ sessions: z.array(session), ...page }), "/sessions?limit=1");
    await get(z.strictObject({ session, messages: z.array(message) }), `${path}/export`);
  });

  test("models, tools, nodes and health", async () => {
    const model = z.strictObject({
      id: z.string(),
      provider: z.string(),
      available: z.boolean(),
      reason: z.string().optional(),
      context_window: z.int(),
      price: z.strictObject({ input_per_million: z.number(), output_per_million: z.number() }).nullable(),
    });
    await get(z.strictObject({ models: z.array(model).min(2), default: z.string() }), "/agent/models");
    await get(z.object({ tools: z.array(tool).min(10) }), "/tools");
    const { nodes } = await get(z.strictObject({ nodes: z.array(node).length(1) }), "/nodes");
    await get(z.strictObject({ node }), `/nodes/${nodes[0]?.id}`);
    const change = { name: "mine", labels: { place: "desk" } };
    await get(z.strictObject({ node }), `/nodes/${nodes[0]?.id}`, ["PATCH", change], admin);
    const policy = { rules: [{ tool: "read_file", decision: "deny" }] };
    expect(await get(z.unknown(), "/users/me/policy", ["PUT", policy])).toEqual(policy);
    expect(await get(z.unknown(), "/users/me/policy")).toEqual(policy);
    await get(z.strictObject({ status: z.literal("ready") }), "/health/ready");
  });

  test("the OpenAPI page has every route, and what it takes", async () => {
    type Operation = { security: unknown[]; requestBody?: { content: Record<string, { schema: unknown }> } };
    type Page = { openapi: string; paths: Record<string, Record<string, Operation>> };
    const { body } = await new Client(person.url).call<Page>("GET", "/openapi.json");
    const there = Object.entries(body.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const served = ROUTES.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`);
    expect(there.toSorted()).toEqual(served.toSorted());
    const chat = body.paths["/agent/chat"]?.post?.requestBody?.content["application/json"]?.schema;
    expect(chat).toMatchObject({ required: ["message"], properties: { if_busy: { default: "reject" } } });
    expect(body.paths["/users/login"]?.post?.security).toEqual([]);
  });
});

describe("events", () => {
  test("of a run with many calls: all fields, each call once, usage before the calls", async () => {
    const list = `call:list_directory ${JSON.stringify({ path: stack.workspace })}`;
    stack.fake.script();
    check(await person.chat({ message: `${list}\ncall:none {}\ncall:read_file {broken\n${list}` }));
  });

  test("of an approval, its answer and what a command prints", async () => {
    const message = `call:write_file ${JSON.stringify({ path: join(stack.workspace, "a.txt"), content: "a" })}`;
    const response = await person.open("POST", "/agent/chat", { message });
    const asked = (await readEvents(response, ({ event }) => event === "approval_required")).at(-1);
    const runId = String(asked?.data.call_id).replace(/^call_(\w{26}).*/, "run_$1");
    const path = `/agent/runs/${runId}/approvals/${asked?.data.call_id}`;
    const { run: waiting } = await get(z.strictObject({ run }), `/agent/runs/${runId}`);
    expect(waiting.status).toBe("waiting_approval");
    await get(z.strictObject({ approval }), path, ["POST", { decision: "approve" }]);
    const events = await person.events(runId);
    check(events);
    expect(events.map(({ event }) => event)).toContain("approval_resolved");
  });

  test("of a run that fails: one error, just before done", async () => {
    stack.fake.script([{ fault: { type: "status", status: 400 } }]);
    const events = await person.chat({ message: "fails" });
    check(events);
    expect(events.map(({ event }) => event)).toEqual(["run", "error", "done"]);
  });

  test("begin before the model does, with the headers of a stream, and silence is filled with pings", async () => {
    const gate = Promise.withResolvers<void>();
    stack.fake.script([{ text: ["late"], gate: gate.promise }]);
    const response = await person.open("POST", "/agent/chat", { message: "wait" });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache, no-transform",
      "x-accel-buffering": "no",
      "x-ratelimit-limit": "200",
    });
    let received = "";
    for await (const piece of response.body ?? []) {
      received += Buffer.from(piece as Uint8Array).toString();
      if (received.includes(": ping\n\n")) gate.resolve();
    }
    expect(received).toMatch(/^id: 1\nevent: run\ndata: .*\n\n(: ping\n\n)+id: 2\nevent: content\n/);
  });
});

describe("X-RateLimit", () => {
  test("is on every answer to a chat of a known user, also when it is refused or attached", async () => {
    const other = await register(stack.server.url);
    const send = (body: unknown, headers: Record<string, string> = {}) =>
      other.call("POST", "/agent/chat/sync", body, headers);
    const keyed = { "Idempotency-Key": "k" };
    const answers = [
      await send({ message: "a" }, keyed),
      await send({ message: "a" }, keyed),
      await send({ message: "b" }, keyed),
      await send({}),
      await send("{"),
      await send({ message: "a", session_id: "ses_none" }),
      await send({ message: "a", model: "none/none" }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 422, 422, 400, 404, 422]);
    for (const { headers } of answers) {
      expect(headers.get("x-ratelimit-limit")).toBe("200");
      expect(headers.get("x-ratelimit-remaining")).toBe("199");
      expect(Number(headers.get("x-ratelimit-reset")) * 1000).toBeGreaterThan(Date.now());
    }
    expect(answers[3]?.body).toMatchObject({ errors: [{ path: "message" }] });
  });
});
