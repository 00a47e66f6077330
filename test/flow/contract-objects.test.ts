// The objects and events of the contract, field by field: nothing is missing, nothing else leaves. And the page that describes them.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { NAMED } from "../../contracts/answers/basics.ts";
import { EVENT_DATA } from "../../contracts/answers/events.ts";
import type { Node } from "../../contracts/answers/nodes.ts";
import type { Plan } from "../../contracts/answers/quota.ts";
import type { Run } from "../../contracts/answers/runs.ts";
import type { Session, ShownMessage } from "../../contracts/answers/sessions.ts";
import type { TokenPair } from "../../contracts/answers/users.ts";
import { ROUTES } from "../../services/api/routes.ts";
import { checkAnswer } from "../support/check-answer.ts";
import { type AnyEvent, Client, readEvents, register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";

type Name = keyof typeof EVENT_DATA;

let stack: Stack;
let person: Awaited<ReturnType<typeof register>>;
let admin: Client;

beforeAll(async () => {
  stack = await startStack();
  person = await register(stack.server.url);
  admin = new Client(stack.server.url, await stack.server.ownerKey());
});
afterAll(() => stack.stop());

/** The client holds the whole answer against its schema (test/support/check-answer.ts). */
async function get<Body>(
  path: string,
  [method, body, status]: [string, unknown?, number?] = ["GET"],
  as: Client = person,
): Promise<Body> {
  const answer = await as.call<Body>(method, path, body);
  expect([path, answer.status]).toEqual([path, status ?? 200]);
  return answer.body;
}

/** Fields and order of a run's events. */
function check(events: AnyEvent[]): void {
  for (const { event, data } of events) EVENT_DATA[event as Name].parse(data);
  const names = events.map(({ event }) => event);
  expect(Object.keys(EVENT_DATA)).toEqual(expect.arrayContaining(names));
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
    const pair = await get<TokenPair>("/users/login", ["POST", { email, password }]);
    expect(pair.user.last_login_at).not.toBeNull();
    await get("/users/refresh", ["POST", { refresh_token: pair.refresh_token }]);
    await get("/users/me");
    await get("/users/me", ["PUT", { display_name: "Ada" }]);
    await get("/users/me/keys", ["POST", { name: "a" }, 201]);
    const { keys } = await get<{ keys: unknown[] }>("/users/me/keys");
    expect(keys).toHaveLength(1);
    const { plans } = await get<{ plans: Plan[] }>("/plans");
    expect(plans.map(({ name, limits }) => [name, Object.values(limits)])).toEqual([
      ["free", [200, 60, 120, 500_000, 1, 5, 200, 64]],
      ["pro", [2_000, 120, 600, 10_000_000, 20, 20, 5_000, 128]],
      ["enterprise", [null, null, null, null, null, null, null, null]],
    ]);
    await get("/users/me/subscription");
    await get("/users/me/usage?days=90");
    await get("/admin/users", ["GET"], admin);
  });

  test("sessions, messages, runs and their pages", async () => {
    const made = await get<{ session: Session }>("/sessions", ["POST", { title: "a" }, 201]);
    const path = `/sessions/${made.session.id}`;
    await get(path);
    await get(path, ["PATCH", { tags: ["b"], is_pinned: true }]);
    await get(`${path}/title`, ["PUT", { title: "c" }]);
    await get(`${path}/messages`, ["POST", { role: "assistant", content: "by hand" }, 201]);
    const answer = await get<{ run_id: string; message: unknown }>("/agent/chat/sync", [
      "POST",
      {
        message: `call:list_directory ${JSON.stringify({ path: stack.workspace })}`,
        session_id: made.session.id,
      },
    ]);
    const { messages } = await get<{ messages: ShownMessage[] }>(`${path}/messages`);
    expect(messages.map(({ role }) => role)).toEqual(["assistant", "user", "assistant", "tool", "assistant"]);
    expect(messages.at(-1)).toEqual(answer.message);
    const one = await get<{ run: Run }>(`/agent/runs/${answer.run_id}`);
    expect(one.run.steps.map((each) => each.tool_calls.length)).toEqual([1, 0]);
    expect(await get(`/agent/cancel/${answer.run_id}`, ["POST", {}, 202])).toEqual(one);
    await get("/agent/runs?status=completed");
    await get("/sessions?limit=1");
    await get(`${path}/export`);
  });

  test("models, tools, nodes and health", async () => {
    await get("/agent/models");
    const { tools } = await get<{ tools: unknown[] }>("/tools");
    expect(tools.length).toBeGreaterThan(10);
    const { nodes } = await get<{ nodes: Node[] }>("/nodes");
    expect(nodes).toHaveLength(1);
    await get(`/nodes/${nodes[0]?.id}`);
    await get(`/nodes/${nodes[0]?.id}`, ["PATCH", { name: "mine", labels: { place: "desk" } }], admin);
    const policy = { rules: [{ tool: "read_file", decision: "deny" }] };
    expect(await get("/users/me/policy", ["PUT", policy])).toEqual(policy);
    const shown = [{ ...policy.rules[0], says: "Denies read_file, whatever its arguments." }];
    expect(await get("/users/me/policy")).toEqual({ rules: shown });
    await get("/health/ready");
  });

  test("an answer with a field too many, a wrong status or an unnamed refusal is noticed", () => {
    const ready = { status: "ready" };
    expect(() => checkAnswer("GET", "/health/ready", 200, ready)).not.toThrow();
    expect(() => checkAnswer("GET", "/health/ready", 200, { ...ready, more: 1 })).toThrow(/more/);
    expect(() => checkAnswer("GET", "/health/ready", 201, ready)).toThrow(/does not name/);
    const problem = { type: "https://a.b/c", title: "", status: 404, detail: "", request_id: "" };
    const refused = () => checkAnswer("GET", "/plans", 404, { ...problem, code: "run_not_found" });
    expect(refused).toThrow(/"run_not_found" is not among/);
  });
});

describe("the OpenAPI page", () => {
  test("the OpenAPI page has every route, and what it takes", async () => {
    type Operation = { security: unknown[]; requestBody?: { content: Record<string, { schema: unknown }> } };
    type Page = { openapi: string; paths: Record<string, Record<string, Operation>> };
    const { body } = await new Client(person.url).call<Page>("GET", "/openapi.json");
    const there = Object.entries(body.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const served = ROUTES.filter(({ door = "api" }) => door === "api").map(
      ({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`,
    );
    expect(there.toSorted()).toEqual(served.toSorted());
    const chat = body.paths["/agent/chat"]?.post?.requestBody?.content["application/json"]?.schema;
    expect(chat).toMatchObject({ required: ["message"], properties: { if_busy: { default: "reject" } } });
    expect(body.paths["/users/login"]?.post?.security).toEqual([]);
  });

  test("says of every route what it answers and refuses, and every reference leads somewhere", async () => {
    type Operation = { summary?: string; responses: Record<string, { content?: object; $ref?: string }> };
    const { body } = await new Client(person.url).call<Record<string, unknown>>("GET", "/openapi.json");
    for (const methods of Object.values(body.paths as Record<string, Record<string, Operation>>))
      for (const { summary, responses } of Object.values(methods)) {
        expect(summary).toMatch(/\w/);
        const good = Object.entries(responses).filter(([status]) => /^2/.test(status));
        expect(good.some(([status, { content }]) => content !== undefined || status === "204")).toBe(true);
        expect(Object.values(responses).some(({ $ref }) => $ref !== undefined)).toBe(true);
      }
    const refs = [...JSON.stringify(body).matchAll(/"\$ref":"#\/([^"]+)"/g)].map((match) => match[1] ?? "");
    const at = (path: string) =>
      path.split("/").reduce<unknown>((value, name) => (value as Record<string, unknown>)?.[name], body);
    expect(refs.length).toBeGreaterThan(100);
    expect(refs.filter((ref) => at(ref) === undefined)).toEqual([]);
  });

  test("has examples that fit their schemas", () => {
    const examples = [...NAMED].flatMap(([schema, { id, examples: all = [] }]) =>
      all.map((example) => [id, schema.safeParse(example).error]),
    );
    expect(examples.length).toBeGreaterThan(10);
    expect(examples.filter(([, error]) => error !== undefined)).toEqual([]);
  });

  test("can be read by people, in a page that loads nothing but its style", async () => {
    const page = await fetch(`${person.url}/api/docs`);
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(page.headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'self';/);
    const html = await page.text();
    expect(html).not.toMatch(/<script|style=|https?:\/\//);
    for (const { method, path } of ROUTES.filter(({ door = "api" }) => door === "api"))
      expect(html).toMatch(
        new RegExp(`>${method}</span>\\s*<code>${path.replace(/:(\w+)/g, "\\{$1\\}")}</code>`),
      );
    expect((await fetch(`${person.url}/api/docs.css`)).status).toBe(200);
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
    const { run: waiting } = await get<{ run: Run }>(`/agent/runs/${runId}`);
    expect(waiting.status).toBe("waiting_approval");
    await get(path, ["POST", { decision: "approve" }]);
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
