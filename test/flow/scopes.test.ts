// One table of outcomes: route × scope (docs/access.md). A key that has one scope only opens what the table says and nothing else;
// a route that is missing here fails. Below it: what no route does by the way.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { SCOPES, type Scope } from "../../contracts/access.ts";
import { fullPath, ROUTES, type Route } from "../../services/api/routes.ts";
import { Client, register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";

/** The scopes each of which is enough. Those without one are open to everybody. */
const OPENED_BY: Record<string, Scope[]> = {
  "GET /users/me": ["account"],
  "PUT /users/me": ["account"],
  "DELETE /users/me": ["account"],
  "GET /users/me/usage": ["account"],
  "GET /users/me/subscription": ["account"],
  "GET /users/me/policy": ["account"],
  "PUT /users/me/policy": ["account"],
  "POST /users/me/policy/check": ["account"],
  "GET /users/me/memory": ["account"],
  "PUT /users/me/memory": ["account"],
  "DELETE /users/me/memory": ["account"],
  "GET /users/me/logins": ["account"],
  "DELETE /users/me/logins/:id": ["account"],
  "GET /users/me/keys": ["account"],
  "POST /users/me/keys": ["account"],
  "DELETE /users/me/keys/:id": ["account"],
  // It opens a login, which has all rights: it needs all scopes.
  "POST /users/sign-in-codes": [],
  "GET /admin/users": ["admin"],
  "POST /admin/users": ["admin"],
  "GET /admin/users/:id": ["admin"],
  "GET /admin/users/:id/usage": ["admin"],
  "PATCH /admin/users/:id": ["admin"],
  "DELETE /admin/users/:id": ["admin"],
  "GET /admin/usage": ["admin"],
  "GET /admin/models": ["admin"],
  "GET /admin/nodes": ["admin"],
  "DELETE /admin/nodes/:id": ["admin"],
  "GET /admin/processes": ["admin"],
  "GET /admin/audit": ["admin"],
  "POST /admin/audit/verify": ["admin"],
  "GET /admin/freeze": ["admin"],
  "POST /admin/freeze": ["admin"],
  "POST /admin/thaw": ["admin"],
  "GET /admin/mcp-servers": ["admin"],
  "POST /admin/mcp-servers": ["admin"],
  "DELETE /admin/mcp-servers/:name": ["admin"],
  "POST /admin/mcp-servers/:name/accept": ["admin"],
  "GET /admin/config": ["admin"],
  "PUT /admin/config": ["admin"],
  "GET /admin/config/history": ["admin"],
  "POST /admin/config/revert": ["admin"],
  "POST /sessions": ["sessions:write"],
  "GET /sessions": ["sessions:read"],
  "GET /sessions/:id": ["sessions:read", "chat"],
  "PATCH /sessions/:id": ["sessions:write"],
  "DELETE /sessions/:id": ["sessions:write"],
  "PUT /sessions/:id/title": ["sessions:write"],
  "GET /sessions/:id/messages": ["sessions:read"],
  "POST /sessions/:id/messages": ["sessions:write"],
  "GET /sessions/:id/export": ["sessions:read"],
  "POST /files": ["sessions:write", "chat"],
  "GET /files": ["sessions:read"],
  "GET /files/:id": ["sessions:read", "chat"],
  "GET /files/:id/content": ["sessions:read", "chat"],
  "DELETE /files/:id": ["sessions:write", "chat"],
  "POST /agent/chat": ["chat"],
  "POST /agent/chat/sync": ["chat"],
  "GET /events": ["chat", "sessions:read"],
  "GET /agent/approvals": ["chat", "sessions:read"],
  "GET /agent/models": ["chat", "sessions:read"],
  "POST /anthropic/v1/messages": ["chat"],
  "POST /anthropic/v1/messages/count_tokens": ["chat"],
  "GET /anthropic/v1/models": ["chat", "sessions:read"],
  "GET /anthropic/v1/models/*id": ["chat", "sessions:read"],
  "POST /agent/cancel/:run_id": ["chat"],
  "POST /agent/runs/:run_id/calls/:call_id/cancel": ["chat"],
  "GET /agent/runs": ["chat", "sessions:read"],
  "GET /agent/runs/:run_id": ["chat", "sessions:read"],
  "GET /agent/runs/:run_id/events": ["chat", "sessions:read"],
  "POST /agent/runs/:run_id/approvals/:call_id": ["approve"],
  "POST /v1/chat/completions": ["chat"],
  "POST /v1/responses": ["chat"],
  "GET /v1/responses/:id": ["chat", "sessions:read"],
  "DELETE /v1/responses/:id": ["chat"],
  "POST /v1/responses/:id/cancel": ["chat"],
  "GET /v1/models": ["chat", "sessions:read"],
  "GET /v1/models/*id": ["chat", "sessions:read"],
  "GET /tools": ["chat", "tools:execute", "sessions:read"],
  "POST /tools/:name/execute": ["tools:execute"],
  "POST /mcp": ["chat", "tools:execute", "sessions:read"],
  "GET /nodes": ["nodes:manage", "chat", "tools:execute"],
  "GET /nodes/:id": ["nodes:manage", "chat", "tools:execute"],
  "PATCH /nodes/:id": ["nodes:manage"],
  "DELETE /nodes/:id": ["nodes:manage"],
  "GET /nodes/:id/queue": ["nodes:manage", "chat", "tools:execute"],
  "DELETE /nodes/:id/queue/:call_id": ["nodes:manage", "chat", "tools:execute"],
  "GET /nodes/:id/grants": ["nodes:manage"],
  "PUT /nodes/:id/grants": ["nodes:manage"],
  "POST /nodes/:id/accept": ["nodes:manage"],
  "POST /nodes/:id/decline": ["nodes:manage"],
  "GET /nodes/:id/chain": ["nodes:manage"],
  "POST /nodes/:id/freeze": ["nodes:manage"],
  "POST /nodes/:id/thaw": ["nodes:manage"],
  "POST /nodes/pairings": ["nodes:manage"],
  "GET /nodes/pairings/:id": ["nodes:manage"],
  "DELETE /nodes/pairings/:id": ["nodes:manage"],
  "POST /nodes/pairings/:id/confirm": ["nodes:manage"],
};
/** Enough to be let in to an action; what an id names is looked for after that. */
const QUESTION = { model: "openai/fake", max_tokens: 9, messages: [{ role: "user", content: "x" }] };
const BODIES: Record<string, Record<string, unknown>> = {
  "PUT /users/me/policy": { rules: [] },
  "POST /users/me/policy/check": { name: "read_file" },
  "PUT /users/me/memory": { memories: [] },
  "DELETE /users/me": { current_password: "none" },
  "POST /users/me/keys": { name: "child", scopes: ["account"] },
  "POST /admin/users": { email: "no address" },
  "PUT /sessions/:id/title": { title: "x" },
  "POST /sessions/:id/messages": { role: "user", content: "x" },
  "POST /agent/chat": { message: "x", session_id: "ses_none" },
  "POST /agent/chat/sync": { message: "x", session_id: "ses_none" },
  "POST /agent/runs/:run_id/approvals/:call_id": { decision: "deny" },
  "PUT /nodes/:id/grants": { grants: [] },
  "POST /tools/:name/execute": { args: {} },
  "POST /anthropic/v1/messages": QUESTION,
  "POST /anthropic/v1/messages/count_tokens": { model: QUESTION.model, messages: QUESTION.messages },
  "POST /v1/chat/completions": { model: "none", messages: [{ role: "user", content: "x" }] },
  "POST /v1/responses": { model: "none", input: "x" },
};
/** Of another door than our own with its whole path. */
const nameOf = (route: Route) =>
  `${route.method} ${(route.door ?? "api") === "api" ? route.path : fullPath(route)}`;
const guarded = ROUTES.filter(({ auth }) => auth === "user");

let stack: Stack;
let admin: Client;
let user: Awaited<ReturnType<typeof register>>;

beforeAll(async () => {
  stack = await startStack();
  admin = new Client(stack.server.url, await stack.server.ownerKey());
  user = await register(stack.server.url);
  await admin.call("PATCH", `/admin/users/${user.id}`, { plan: "enterprise" });
});
afterAll(() => stack.stop());

/** A client with a new key of these scopes, of the user unless said. */
async function withKey(scopes: Scope[], of: Client = user): Promise<Client> {
  const { status, body } = await of.call<{ secret: string }>("POST", "/users/me/keys", {
    name: scopes.join(" "),
    scopes,
  });
  expect([scopes, status]).toEqual([scopes, 201]);
  return new Client(of.url, body.secret);
}

const codeOf = async (asked: Promise<{ status: number; body: unknown }>) => {
  const { status, body } = await asked;
  type Error = { type?: string; code?: string | null; data?: { code?: string } };
  const { code, error } = body as { code?: string; error?: Error };
  return `${status} ${code ?? error?.data?.code ?? error?.code ?? error?.type ?? "ok"}`;
};

describe("G16 every route opens to its own scopes only", () => {
  const keys = new Map<Scope, Client>();
  beforeAll(async () => {
    for (const scope of SCOPES) keys.set(scope, await withKey([scope], admin));
  });

  test("every guarded route is in the table, and no other", () => {
    expect(Object.keys(OPENED_BY).toSorted()).toEqual(guarded.map(nameOf).toSorted());
  });

  test.each(guarded.map((route) => [nameOf(route), route] as const))("%s", async (name, route) => {
    const path = fullPath(route).replace(/[:*]\w+/g, "none");
    const opened: Scope[] = [];
    for (const [scope, client] of keys) {
      const body = BODIES[name] ?? (route.method === "GET" ? undefined : {});
      const code = await codeOf(client.callAt(route.method, path, body));
      if (!/^403 (scope_missing|forbidden|permission_error)$/.test(code)) opened.push(scope);
    }
    expect(opened.toSorted()).toEqual((OPENED_BY[name] ?? []).toSorted());
  });
});

const write = (name: string) => {
  const args = { path: join(stack.workspace, name), content: "x" };
  return { message: `call:write_file ${JSON.stringify(args)}` };
};
type Waiting = { run_id: string; session_id: string; approvals: { call_id: string }[] };
/** A run that waits for an answer about a file it wants to write. */
async function waiting(
  client: Client,
  name: string,
): Promise<{ run: string; session: string; path: string }> {
  const { status, body } = await client.call<Waiting>("POST", "/agent/chat/sync", write(name));
  expect(status).toBe(202);
  const call = String(body.approvals[0]?.call_id);
  return {
    run: body.run_id,
    session: body.session_id,
    path: `/agent/runs/${body.run_id}/approvals/${call}`,
  };
}
const approve = { decision: "approve" };

describe("answering is a right of its own", () => {
  test("a key that may only chat asks, and neither answers nor writes rules; the person's login answers", async () => {
    const key = await withKey(["chat"]);
    const { path } = await waiting(key, "asked.txt");
    for (const remember of ["no", "session", "always"])
      expect(await codeOf(key.call("POST", path, { ...approve, remember }))).toBe("403 scope_missing");
    expect(await codeOf(key.call("PUT", "/users/me/policy", { rules: [] }))).toBe("403 scope_missing");
    expect(await codeOf(user.call("POST", path, approve))).toBe("200 ok");
  });

  test("a key has it only when it was asked for; a login and the owner's key have it", async () => {
    const { body } = await user.call<{ key: { scopes: string[] } }>("POST", "/users/me/keys", {
      name: "plain",
    });
    expect(body.key.scopes).not.toContain("approve");
    const { path } = await waiting(admin, "by-owner.txt");
    expect(await codeOf(admin.call("POST", path, approve))).toBe("200 ok");
  });

  test.each([
    ["remember for the session", { remember: "session" }, "account"],
    ["remember always", { remember: "always" }, "account"],
    ["remember a denial", { decision: "deny", remember: "always" }, "account"],
    ["choose other arguments", { args: { path: "/elsewhere", content: "y" } }, "tools:execute"],
  ])("a key that may approve does not %s without the scope for it", async (_what, more, scope) => {
    const key = await withKey(["chat", "approve"]);
    const { path } = await waiting(key, `${scope}.txt`);
    const { status, body } = await key.call<{ code: string; detail: string }>("POST", path, {
      ...approve,
      ...more,
    });
    expect([status, body.code]).toEqual([403, "scope_missing"]);
    expect(body.detail).toContain(`"${scope}"`);
    const { body: policy } = await user.call<{ rules: unknown[] }>("GET", "/users/me/policy");
    expect(policy.rules).toEqual([]);
    expect(await codeOf(key.call("POST", path, approve))).toBe("200 ok");
  });

  test("a key answers what it may see: its own runs, and those of others with sessions:read", async () => {
    const { path } = await waiting(user, "theirs.txt");
    const own = await withKey(["approve", "chat"]);
    expect(await codeOf(own.call("POST", path, approve))).toBe("404 run_not_found");
    const reader = await withKey(["approve", "sessions:read"]);
    expect(await codeOf(reader.call("POST", path, approve))).toBe("200 ok");
  });
});

describe("a key without sessions:read sees and changes what it has begun, and nothing else", () => {
  test("runs: list, view, events, cancel", async () => {
    const key = await withKey(["chat"]);
    const other = await withKey(["chat"]);
    const [mine] = await key.chat({ message: "of the key" });
    const [theirs] = await user.chat({ message: "of the person" });
    const run = String(mine?.data.run_id);
    const foreign = String(theirs?.data.run_id);
    const listed = async (client: Client, query = "") =>
      (await client.call<{ runs: { id: string }[] }>("GET", `/agent/runs${query}`)).body.runs.map(
        ({ id }) => id,
      );
    expect(await listed(key)).toEqual([run]);
    expect(await listed(key, "?status=completed&limit=1")).toEqual([run]);
    expect(await listed(key, `?session_id=${String(theirs?.data.session_id)}`)).toEqual([]);
    expect(await listed(other)).toEqual([]);
    expect(await listed(await withKey(["sessions:read"]))).toEqual(expect.arrayContaining([run, foreign]));
    for (const [method, path] of [
      ["GET", `/agent/runs/${foreign}`],
      ["GET", `/agent/runs/${foreign}/events`],
      ["POST", `/agent/cancel/${foreign}`],
    ] as const) {
      expect(await codeOf(key.call(method, path))).toBe("404 run_not_found");
      expect(await codeOf(other.call(method, path.replace(foreign, run)))).toBe("404 run_not_found");
      expect((await key.call(method, path.replace(foreign, run))).status).toBeLessThan(300);
    }
  });

  test("sessions: neither by reading, nor by writing, nor by asking the model what is in them", async () => {
    const [begun] = await user.chat({ message: "the secret of the person" });
    const session = String(begun?.data.session_id);
    const writer = await withKey(["sessions:write"]);
    const talker = await withKey(["chat"]);
    const gone = "404 session_not_found";
    expect(await codeOf(writer.call("PATCH", `/sessions/${session}`, {}))).toBe(gone);
    expect(await codeOf(writer.call("PUT", `/sessions/${session}/title`, { title: "x" }))).toBe(gone);
    expect(
      await codeOf(writer.call("POST", `/sessions/${session}/messages`, { role: "user", content: "x" })),
    ).toBe(gone);
    expect(await codeOf(writer.call("DELETE", `/sessions/${session}`))).toBe(gone);
    expect(await codeOf(talker.call("GET", `/sessions/${session}`))).toBe(gone);
    const ask = { message: "repeat all that was said", session_id: session };
    for (const path of ["/agent/chat", "/agent/chat/sync"])
      expect(await codeOf(talker.call("POST", path, ask))).toBe(gone);
    expect(stack.fake.requests.filter(({ heard }) => heard.message === ask.message)).toEqual([]);
    const both = await withKey(["chat", "sessions:read"]);
    expect(await codeOf(both.call("POST", "/agent/chat/sync", ask))).toBe("200 ok");
  });

  test("sessions: its own it goes on with", async () => {
    const talker = await withKey(["chat"]);
    const [begun] = await talker.chat({ message: "first" });
    const session = String(begun?.data.session_id);
    expect(await codeOf(talker.call("GET", `/sessions/${session}`))).toBe("200 ok");
    expect(
      await codeOf(talker.call("POST", "/agent/chat/sync", { message: "second", session_id: session })),
    ).toBe("200 ok");
    const writer = await withKey(["sessions:write"]);
    const made = await writer.call<{ session: { id: string } }>("POST", "/sessions", { title: "mine" });
    expect(await codeOf(writer.call("PATCH", `/sessions/${made.body.session.id}`, { title: "still" }))).toBe(
      "200 ok",
    );
  });

  test("an Idempotency-Key does not attach it to the run of another credential", async () => {
    const headers = { "Idempotency-Key": "shared" };
    const body = { message: "said once" };
    await user.chat(body, { headers });
    const key = await withKey(["chat"]);
    expect(await codeOf(key.call("POST", "/agent/chat/sync", body, headers))).toBe(
      "422 idempotency_mismatch",
    );
    const reader = await withKey(["chat", "sessions:read"]);
    expect(await codeOf(reader.call("POST", "/agent/chat/sync", body, headers))).toBe("200 ok");
  });

  test("an interrupting chat does not cancel the run of another credential in its session", async () => {
    const key = await withKey(["chat"]);
    const [begun] = await key.chat({ message: "mine" });
    const session_id = String(begun?.data.session_id);
    const held = await user.call<Waiting>("POST", "/agent/chat/sync", { ...write("held.txt"), session_id });
    const body = { message: "me first", session_id, if_busy: "interrupt" };
    expect(await codeOf(key.call("POST", "/agent/chat/sync", body))).toBe("403 scope_missing");
    const { body: now } = await user.call<{ run: { status: string } }>(
      "GET",
      `/agent/runs/${held.body.run_id}`,
    );
    expect(now.run.status).toBe("waiting_approval");
  });

  test("the list of tools does not tell the machines to who may not list them", async () => {
    const names = async (client: Client) =>
      (await client.call<{ nodes: unknown[] }>("GET", "/tools")).body.nodes.length;
    expect(await names(await withKey(["sessions:read"]))).toBe(0);
    expect(await names(await withKey(["chat"]))).toBe(1);
  });
});

describe("a key does not get more rights than it has", () => {
  test("not by making keys, nor by a login that it could make", async () => {
    const account = await withKey(["account"], admin);
    for (const scopes of [["approve"], ["chat"], ["account", "admin"]])
      expect(await codeOf(account.call("POST", "/users/me/keys", { name: "more", scopes }))).toMatch(/^403 /);
    // The owner has no password: whoever sets the first one could log in with all rights.
    const first = { password: "a new long password 7" };
    expect(await codeOf(account.call("PUT", "/users/me", first))).toBe("403 scope_missing");
    expect(await codeOf(account.call("DELETE", "/users/me", {}))).toBe("403 scope_missing");
  });

  test("not by making an admin, nor by setting the password of an account", async () => {
    const key = await withKey(["admin"], admin);
    const victim = await register(stack.server.url);
    const password = "a new long password 7";
    for (const [method, path, body] of [
      ["POST", "/admin/users", { email: "root@example.com", role: "admin", password }],
      ["PATCH", `/admin/users/${victim.id}`, { role: "admin" }],
      ["PATCH", `/admin/users/${victim.id}`, { password }],
    ] as const)
      expect(await codeOf(key.call(method, path, body))).toBe("403 scope_missing");
    expect(await codeOf(key.call("PATCH", `/admin/users/${victim.id}`, { plan: "pro" }))).toBe("200 ok");
    expect(await codeOf(admin.call("PATCH", `/admin/users/${victim.id}`, { password }))).toBe("200 ok");
  });

  test("an admin's route is no way around one's own password", async () => {
    const { body } = await admin.call<{ user: { id: string } }>("GET", "/users/me");
    const password = "a new long password 7";
    expect(await codeOf(admin.call("PATCH", `/admin/users/${body.user.id}`, { password }))).toBe(
      "403 forbidden",
    );
    expect(await codeOf(admin.call("DELETE", `/admin/users/${body.user.id}`))).toBe("403 forbidden");
  });
});
