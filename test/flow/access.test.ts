// One table of outcomes: route × who asks (G16). A route that is missing here fails.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { fullPath, ROUTES, type Route } from "../../services/api/routes.ts";
import { Client, register } from "../support/client.ts";
import { type FilesStore, startFilesStore } from "../support/files-store.ts";
import { type Stack, startStack } from "../support/stack.ts";

const ROLES = ["anonymous", "stranger", "owner", "read_key", "admin"] as const;
type Role = (typeof ROLES)[number];
/** A status, in the order of ROLES. The owner is the user whose things are asked for; the admin is another person. */
type Outcome = [number, number, number, number, number];

const NEEDS_LOGIN = 401;
const MINE: Outcome = [NEEDS_LOGIN, 404, 200, 403, 404];
const PLAIN: Outcome = [NEEDS_LOGIN, 200, 200, 200, 200];
const ACCOUNT: Outcome = [NEEDS_LOGIN, 200, 200, 403, 200];
const OUTCOMES: Record<string, Outcome> = {
  "POST /users/register": [409, 409, 409, 409, 409],
  "POST /users/login": [401, 401, 401, 401, 401],
  "POST /users/sign-in": [401, 401, 401, 401, 401],
  "POST /users/sign-in-codes": [NEEDS_LOGIN, 201, 201, 403, 201],
  "POST /users/refresh": [401, 401, 401, 401, 401],
  "POST /users/logout": [204, 204, 204, 204, 204],
  "GET /events": [NEEDS_LOGIN, 200, 200, 200, 200],
  "GET /users/me": ACCOUNT,
  "PUT /users/me": ACCOUNT,
  "DELETE /users/me": [NEEDS_LOGIN, 403, 403, 403, 403],
  "GET /users/me/usage": ACCOUNT,
  "GET /users/me/subscription": ACCOUNT,
  "GET /users/me/policy": ACCOUNT,
  "PUT /users/me/policy": ACCOUNT,
  "POST /users/me/policy/check": ACCOUNT,
  "GET /users/me/memory": ACCOUNT,
  "PUT /users/me/memory": ACCOUNT,
  "DELETE /users/me/memory": [NEEDS_LOGIN, 204, 204, 403, 204],
  "GET /users/me/logins": ACCOUNT,
  "DELETE /users/me/logins/:id": [NEEDS_LOGIN, 404, 204, 403, 404],
  "GET /users/me/keys": ACCOUNT,
  "POST /users/me/keys": [NEEDS_LOGIN, 201, 201, 403, 201],
  "DELETE /users/me/keys/:id": [NEEDS_LOGIN, 404, 204, 403, 404],
  "GET /plans": [200, 200, 200, 200, 200],
  "GET /admin/users": [NEEDS_LOGIN, 403, 403, 403, 200],
  "POST /admin/users": [NEEDS_LOGIN, 403, 403, 403, 409],
  "PATCH /admin/users/:id": [NEEDS_LOGIN, 403, 403, 403, 200],
  "GET /admin/users/:id": [NEEDS_LOGIN, 403, 403, 403, 200],
  "GET /admin/users/:id/usage": [NEEDS_LOGIN, 403, 403, 403, 200],
  "DELETE /admin/users/:id": [NEEDS_LOGIN, 403, 403, 403, 202],
  "GET /admin/mcp-servers": [NEEDS_LOGIN, 403, 403, 403, 200],
  "POST /admin/mcp-servers": [NEEDS_LOGIN, 403, 403, 403, 201],
  "DELETE /admin/mcp-servers/:name": [NEEDS_LOGIN, 403, 403, 403, 404],
  "POST /admin/mcp-servers/:name/accept": [NEEDS_LOGIN, 403, 403, 403, 404],
  "GET /admin/usage": [NEEDS_LOGIN, 403, 403, 403, 200],
  "GET /admin/models": [NEEDS_LOGIN, 403, 403, 403, 200],
  "GET /admin/nodes": [NEEDS_LOGIN, 403, 403, 403, 200],
  // The machine the server runs on is nobody's Mac.
  "DELETE /admin/nodes/:id": [NEEDS_LOGIN, 403, 403, 403, 404],
  "GET /admin/processes": [NEEDS_LOGIN, 403, 403, 403, 200],
  "GET /admin/audit": [NEEDS_LOGIN, 403, 403, 403, 200],
  "POST /admin/audit/verify": [NEEDS_LOGIN, 403, 403, 403, 200],
  "GET /admin/config": [NEEDS_LOGIN, 403, 403, 403, 200],
  "GET /admin/freeze": [NEEDS_LOGIN, 403, 403, 403, 200],
  "POST /admin/freeze": [NEEDS_LOGIN, 403, 403, 403, 200],
  "POST /admin/thaw": [NEEDS_LOGIN, 403, 403, 403, 200],
  "PUT /admin/config": [NEEDS_LOGIN, 403, 403, 403, 200],
  "GET /admin/config/history": [NEEDS_LOGIN, 403, 403, 403, 200],
  "POST /admin/config/revert": [NEEDS_LOGIN, 403, 403, 403, 200],
  "POST /sessions": [NEEDS_LOGIN, 201, 201, 403, 201],
  "GET /sessions": PLAIN,
  "GET /sessions/:id": [NEEDS_LOGIN, 404, 200, 200, 404],
  "PATCH /sessions/:id": MINE,
  "DELETE /sessions/:id": [NEEDS_LOGIN, 404, 204, 403, 404],
  "PUT /sessions/:id/title": MINE,
  "GET /sessions/:id/messages": [NEEDS_LOGIN, 404, 200, 200, 404],
  "POST /sessions/:id/messages": [NEEDS_LOGIN, 404, 201, 403, 404],
  "POST /files": [NEEDS_LOGIN, 201, 201, 403, 201],
  "GET /files": PLAIN,
  "GET /files/:id": [NEEDS_LOGIN, 404, 200, 200, 404],
  "GET /files/:id/content": [NEEDS_LOGIN, 404, 200, 200, 404],
  "DELETE /files/:id": [NEEDS_LOGIN, 404, 204, 403, 404],
  "GET /sessions/:id/export": [NEEDS_LOGIN, 404, 200, 200, 404],
  "POST /agent/chat": MINE,
  "POST /agent/chat/sync": MINE,
  "GET /agent/models": PLAIN,
  "POST /anthropic/v1/messages": ACCOUNT,
  "POST /anthropic/v1/messages/count_tokens": ACCOUNT,
  "GET /anthropic/v1/models": PLAIN,
  "GET /anthropic/v1/models/*id": PLAIN,
  "POST /agent/cancel/:run_id": [NEEDS_LOGIN, 404, 202, 403, 404],
  "POST /agent/runs/:run_id/calls/:call_id/cancel": [NEEDS_LOGIN, 404, 202, 403, 404],
  "GET /agent/runs": PLAIN,
  "GET /agent/runs/:run_id": [NEEDS_LOGIN, 404, 200, 200, 404],
  "GET /agent/runs/:run_id/events": [NEEDS_LOGIN, 404, 200, 200, 404],
  "GET /agent/approvals": PLAIN,
  "POST /agent/runs/:run_id/approvals/:call_id": MINE,
  "GET /tools": PLAIN,
  "POST /tools/:name/execute": ACCOUNT,
  // The machine is nobody's: HOST_TOOLS=all lets every user see and use it, and only admins change its entry.
  "GET /nodes": ACCOUNT,
  "GET /nodes/:id": ACCOUNT,
  "PATCH /nodes/:id": [NEEDS_LOGIN, 403, 403, 403, 200],
  "DELETE /nodes/:id": [NEEDS_LOGIN, 403, 403, 403, 409],
  "GET /nodes/:id/chain": [NEEDS_LOGIN, 404, 404, 403, 200],
  "POST /nodes/:id/freeze": [NEEDS_LOGIN, 403, 403, 403, 200],
  "POST /nodes/:id/thaw": [NEEDS_LOGIN, 403, 403, 403, 200],
  "GET /nodes/:id/queue": ACCOUNT,
  "DELETE /nodes/:id/queue/:call_id": [NEEDS_LOGIN, 404, 404, 403, 404],
  // Only Macs are shared and paired (test/edge); without an edge there are none.
  "GET /nodes/:id/grants": [NEEDS_LOGIN, 404, 404, 403, 404],
  "PUT /nodes/:id/grants": [NEEDS_LOGIN, 404, 404, 403, 404],
  "POST /nodes/:id/accept": [NEEDS_LOGIN, 404, 404, 403, 404],
  "POST /nodes/:id/decline": [NEEDS_LOGIN, 404, 404, 403, 404],
  "POST /nodes/pairings": [NEEDS_LOGIN, 409, 409, 403, 409],
  "GET /nodes/pairings/:id": [NEEDS_LOGIN, 404, 404, 403, 404],
  "DELETE /nodes/pairings/:id": [NEEDS_LOGIN, 404, 404, 403, 404],
  "POST /nodes/pairings/:id/confirm": [NEEDS_LOGIN, 409, 409, 403, 409],
  // What a Mac signs, whoever carries it.
  "POST /nodes/pairings/redeem": [409, 409, 409, 409, 409],
  "POST /nodes/:id/credentials": [409, 409, 409, 409, 409],
  "POST /nodes/:id/leave": [404, 404, 404, 404, 404],
  // A ping: what a credential opens within the protocol is in test/flow/mcp-door.test.ts.
  "POST /mcp": PLAIN,
  "POST /v1/chat/completions": [NEEDS_LOGIN, 200, 200, 403, 200],
  "GET /v1/models": PLAIN,
  "GET /v1/models/*id": PLAIN,
  "POST /v1/responses": [NEEDS_LOGIN, 404, 200, 403, 404],
  "GET /v1/responses/:id": [NEEDS_LOGIN, 404, 200, 200, 404],
  "DELETE /v1/responses/:id": [NEEDS_LOGIN, 404, 200, 403, 404],
  "POST /v1/responses/:id/cancel": [NEEDS_LOGIN, 404, 200, 403, 404],
  "GET /api/docs": [200, 200, 200, 200, 200],
  "GET /api/docs.css": [200, 200, 200, 200, 200],
  "GET /": [200, 200, 200, 200, 200],
  "GET /console/:version/:file": [200, 200, 200, 200, 200],
  "GET /openapi.json": [200, 200, 200, 200, 200],
  "GET /health/live": [200, 200, 200, 200, 200],
  "GET /health/ready": [200, 200, 200, 200, 200],
};

/** What programs of a door send besides. */
const HEADERS: Record<string, Record<string, string>> = {
  mcp: { Accept: "application/json, text/event-stream" },
};

/** Of another door than our own with its whole path. */
const nameOf = (route: Route) =>
  `${route.method} ${(route.door ?? "api") === "api" ? route.path : fullPath(route)}`;

let stack: Stack;
let files: FilesStore;
let clients: Record<Role, Client>;
/** Things of the owner's that the paths and bodies name. */
let mine: Record<"email" | "user" | "session" | "run" | "node" | "file" | "response", string>;

beforeAll(async () => {
  files = await startFilesStore();
  stack = await startStack(files.settings);
  const { url } = stack.server;
  const owner = await register(url);
  const key = await owner.call<{ secret: string }>("POST", "/users/me/keys", {
    name: "reader",
    scopes: ["sessions:read"],
  });
  clients = {
    anonymous: new Client(url),
    stranger: await register(url),
    owner,
    read_key: new Client(url, key.body.secret),
    admin: new Client(url, await stack.server.ownerKey()),
  };
  const [first] = await owner.chat({ message: "mine" });
  const { body } = await owner.call<{ nodes: { id: string }[] }>("GET", "/nodes");
  const uploaded = await owner.call<{ file: { id: string } }>("POST", "/files", "mine");
  const asked = { model: "openai/fake", input: "mine" };
  const response = await owner.callAt<{ id: string }>("POST", "/v1/responses", asked);
  mine = {
    response: response.body.id,
    email: owner.email,
    user: owner.id,
    session: String(first?.data.session_id),
    run: String(first?.data.run_id),
    node: String(body.nodes[0]?.id),
    file: uploaded.body.file.id,
  };
});
afterAll(async () => {
  await stack.stop();
  await files.stop();
});

const QUESTION = { model: "openai/fake", messages: [{ role: "user", content: "more" }] };

/** Valid bodies, so that what answers is the right to do it and not a fault of the request. */
function bodyOf(route: Route): Record<string, unknown> | undefined {
  const bodies: Record<string, Record<string, unknown>> = {
    "POST /users/register": { email: mine.email, password: "another good password 7" },
    "POST /users/login": { email: "nobody@example.com", password: "not the password 7" },
    "POST /users/sign-in": { code: "mjc_none" },
    "POST /users/refresh": { refresh_token: "mjr_none" },
    "POST /users/logout": { refresh_token: "mjr_none" },
    "DELETE /users/me": { current_password: "not the password 7" },
    "PUT /users/me/policy": { rules: [] },
    "POST /users/me/policy/check": { name: "read_file" },
    "PUT /users/me/memory": { memories: [] },
    "POST /users/me/keys": { name: "one more" },
    "POST /admin/users": { email: mine.email },
    // It cannot be started, which its answer says.
    "POST /admin/mcp-servers": { name: "nothing", command: "/no/such/program" },
    "POST /admin/mcp-servers/:name/accept": { tools: [{ name: "x", sha256: "0".repeat(64) }] },
    "POST /admin/config/revert": { to: 0 },
    "PUT /sessions/:id/title": { title: "renamed" },
    "POST /sessions/:id/messages": { role: "user", content: "by hand" },
    "POST /agent/chat": { message: "more", session_id: mine.session },
    "POST /agent/chat/sync": { message: "more", session_id: mine.session },
    "POST /agent/runs/:run_id/approvals/:call_id": { decision: "deny" },
    "PUT /nodes/:id/grants": { grants: [] },
    "POST /nodes/pairings/redeem": {
      ...{ code: "AAAAA-AAAAA", public_key: `U${"A".repeat(55)}`, signature: "A".repeat(86) },
      ...{ name: "x", platform: "darwin", version: "0" },
    },
    "POST /nodes/:id/credentials": { issued_at: new Date().toISOString(), signature: "A".repeat(86) },
    "POST /nodes/:id/leave": { issued_at: new Date().toISOString(), signature: "A".repeat(86) },
    "POST /tools/:name/execute": { args: { path: stack.workspace } },
    "POST /anthropic/v1/messages": { ...QUESTION, max_tokens: 9 },
    "POST /anthropic/v1/messages/count_tokens": QUESTION,
    "POST /v1/chat/completions": { model: "openai/fake", messages: [{ role: "user", content: "hi" }] },
    "POST /v1/responses": { model: "macjarvis", input: "hi", previous_response_id: mine.response },
  };
  if (route.door === "mcp") return { jsonrpc: "2.0", id: 1, method: "ping" };
  return bodies[nameOf(route)] ?? (route.method === "GET" ? undefined : {});
}

/** The owner's things in the path; fresh ones where the route uses them up. */
async function pathOf(route: Route): Promise<string> {
  const { owner } = clients;
  const name = nameOf(route);
  let [session, run, call, id] = [mine.session, mine.run, "call_none", mine.user];
  if (name === "DELETE /sessions/:id") {
    const made = await owner.call<{ session: { id: string } }>("POST", "/sessions", {});
    session = made.body.session.id;
  }
  let { file } = mine;
  if (name === "DELETE /files/:id")
    file = (await owner.call<{ file: { id: string } }>("POST", "/files", "short-lived")).body.file.id;
  if (name === "DELETE /admin/users/:id") id = (await register(owner.url)).id;
  if (name === "DELETE /users/me/logins/:id") {
    const { body } = await owner.call<{ code: string }>("POST", "/users/sign-in-codes");
    await new Client(owner.url).call("POST", "/users/sign-in", { code: body.code });
    type Logins = { logins: { id: string; is_current: boolean }[] };
    const { logins } = (await owner.call<Logins>("GET", "/users/me/logins")).body;
    id = String(logins.find(({ is_current }) => !is_current)?.id);
  }
  if (name === "DELETE /users/me/keys/:id") {
    const made = await owner.call<{ key: { id: string } }>("POST", "/users/me/keys", { name: "short-lived" });
    id = made.body.key.id;
  }
  if (name === "POST /agent/runs/:run_id/approvals/:call_id") {
    const path = join(stack.workspace, "never.txt");
    const asked = await owner.call<{ run_id: string; approvals: { call_id: string }[] }>(
      "POST",
      "/agent/chat/sync",
      { message: `call:write_file ${JSON.stringify({ path, content: "no" })}` },
    );
    [run, call] = [asked.body.run_id, String(asked.body.approvals[0]?.call_id)];
  }
  if (name === "POST /agent/runs/:run_id/calls/:call_id/cancel") {
    const message = `call:list_directory ${JSON.stringify({ path: stack.workspace })}`;
    const ran = await owner.call<{ run_id: string; tool_calls: { call_id: string }[] }>(
      "POST",
      "/agent/chat/sync",
      { message },
    );
    [run, call] = [ran.body.run_id, String(ran.body.tool_calls[0]?.call_id)];
  }
  let { response } = mine;
  if (name === "DELETE /v1/responses/:id") {
    const asked = { model: "openai/fake", input: "short-lived" };
    response = (await owner.callAt<{ id: string }>("POST", "/v1/responses", asked)).body.id;
  }
  return fullPath(route)
    .replace("/responses/:id", `/responses/${response}`)
    .replace("/models/*id", "/models/openai/fake")
    .replace("/sessions/:id", `/sessions/${session}`)
    .replace("/nodes/:id", `/nodes/${mine.node}`)
    .replace("/files/:id", `/files/${file}`)
    .replace(":run_id", run)
    .replace(":call_id", call)
    .replace(":version/:file", "any/main.js")
    .replace(":name", "list_directory")
    .replace("*id", "macjarvis")
    .replace(":id", id);
}

describe("G16 every route has its declared outcome for everybody", () => {
  test("every route is in the table, and the table has no route that is not served", () => {
    expect(Object.keys(OUTCOMES).toSorted()).toEqual(ROUTES.map(nameOf).toSorted());
  });

  test.each(ROUTES.map((route) => [nameOf(route), route] as const))("%s", async (name, route) => {
    const path = await pathOf(route);
    const actual: Record<string, number> = {};
    // The owner last but one: whatever the others did wrong would be seen in what is left for the owner.
    for (const role of ["anonymous", "stranger", "read_key", "owner", "admin"] as const)
      actual[role] = (
        await clients[role].callAt(route.method, path, bodyOf(route), HEADERS[route.door ?? "api"])
      ).status;
    expect(ROLES.map((role) => actual[role])).toEqual(OUTCOMES[name]);
  });

  test("a path that nobody declared is 404 with a problem document", async () => {
    const { status, body, headers } = await clients.owner.call("GET", "/agent/none");
    expect(status).toBe(404);
    expect(headers.get("content-type")).toBe("application/problem+json");
    expect(body).toMatchObject({ code: "not_found" });
  });
});
