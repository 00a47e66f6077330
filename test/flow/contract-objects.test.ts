// The objects and events of the contract (test/support/contract-schemas.ts), field by field: nothing is missing, nothing else leaves.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { z } from "zod";
import { ROUTES } from "../../services/api/routes.ts";
import { type AnyEvent, Client, readEvents, register } from "../support/client.ts";
import {
  approval,
  call,
  count,
  EVENTS,
  id,
  key,
  limit,
  limits,
  message,
  node,
  plan,
  run,
  session,
  time,
  tokens,
  tool,
  usage,
  user,
} from "../support/contract-schemas.ts";
import { type Stack, startStack } from "../support/stack.ts";

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
    const shown = [{ ...policy.rules[0], says: "Denies read_file, whatever its arguments." }];
    expect(await get(z.unknown(), "/users/me/policy")).toEqual({ rules: shown });
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

  test("begin before the model does, with the headers of a stream", async () => {
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
      if (received.includes("\n\n")) gate.resolve();
    }
    expect(received).toMatch(/^id: 1\nevent: run\ndata: .*\n\nid: 2\nevent: content\n/);
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

  test("is on no answer where there is no limit, admitted or refused", async () => {
    const other = await register(stack.server.url);
    const owner = new Client(stack.server.url, await stack.server.ownerKey());
    await owner.call("PATCH", `/admin/users/${other.id}`, { plan: "enterprise" });
    for (const body of [{ message: "a" }, {}]) {
      const { headers } = await other.call("POST", "/agent/chat/sync", body);
      expect([...headers.keys()].filter((name) => name.startsWith("x-ratelimit"))).toEqual([]);
    }
  });
});
