// One table of outcomes: route × who asks (G16). A route that is missing here fails.
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { ROUTES, type Route } from "../../services/api/routes.ts";
import { Client, register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";

const ROLES = ["anonymous", "stranger", "owner", "read_key", "admin"] as const;
type Role = (typeof ROLES)[number];
/** A status, in the order of ROLES. The owner is the user whose things are asked for; the admin is another person. */
type Outcome = [number, number, number, number, number];

const NEEDS_LOGIN = 401;
const PLAIN: Outcome = [NEEDS_LOGIN, 200, 200, 200, 200];
const OUTCOMES: Record<string, Outcome> = {
  "POST /users/register": [422, 422, 422, 422, 422],
  "POST /users/login": [422, 422, 422, 422, 422],
  "POST /users/refresh": [422, 422, 422, 422, 422],
  "POST /users/logout": [422, 422, 422, 422, 422],
  "GET /users/me": [NEEDS_LOGIN, 200, 200, 403, 200],
  "PUT /users/me": [NEEDS_LOGIN, 200, 200, 403, 200],
  "DELETE /users/me": [NEEDS_LOGIN, 422, 422, 403, 422],
  "GET /users/me/usage": [NEEDS_LOGIN, 200, 200, 403, 200],
  "GET /users/me/subscription": [NEEDS_LOGIN, 200, 200, 403, 200],
  "GET /users/me/policy": [NEEDS_LOGIN, 200, 200, 403, 200],
  "PUT /users/me/policy": [NEEDS_LOGIN, 422, 422, 403, 422],
  "GET /users/me/keys": [NEEDS_LOGIN, 200, 200, 403, 200],
  "POST /users/me/keys": [NEEDS_LOGIN, 422, 422, 403, 422],
  "DELETE /users/me/keys/:id": [NEEDS_LOGIN, 404, 404, 403, 404],
  "GET /plans": [200, 200, 200, 200, 200],
  "GET /admin/users": [NEEDS_LOGIN, 403, 403, 403, 200],
  "POST /admin/users": [NEEDS_LOGIN, 403, 403, 403, 422],
  "PATCH /admin/users/:id": [NEEDS_LOGIN, 403, 403, 403, 404],
  "POST /sessions": [NEEDS_LOGIN, 201, 201, 403, 201],
  "GET /sessions": PLAIN,
  "GET /sessions/:id": [NEEDS_LOGIN, 404, 200, 200, 404],
  "PATCH /sessions/:id": [NEEDS_LOGIN, 404, 200, 403, 404],
  "DELETE /sessions/:id": [NEEDS_LOGIN, 404, 204, 403, 404],
  "PUT /sessions/:id/title": [NEEDS_LOGIN, 422, 422, 403, 422],
  "GET /sessions/:id/messages": [NEEDS_LOGIN, 404, 200, 200, 404],
  "POST /sessions/:id/messages": [NEEDS_LOGIN, 422, 422, 403, 422],
  "GET /sessions/:id/export": [NEEDS_LOGIN, 404, 200, 200, 404],
  "POST /agent/chat": [NEEDS_LOGIN, 422, 422, 403, 422],
  "POST /agent/chat/sync": [NEEDS_LOGIN, 422, 422, 403, 422],
  "GET /agent/models": PLAIN,
  "POST /agent/cancel/:run_id": [NEEDS_LOGIN, 404, 202, 403, 404],
  "GET /agent/runs": PLAIN,
  "GET /agent/runs/:run_id": [NEEDS_LOGIN, 404, 200, 200, 404],
  "GET /agent/runs/:run_id/events": [NEEDS_LOGIN, 404, 200, 200, 404],
  "POST /agent/runs/:run_id/approvals/:call_id": [NEEDS_LOGIN, 422, 422, 403, 422],
  "GET /tools": PLAIN,
  "POST /tools/:name/execute": [NEEDS_LOGIN, 404, 404, 403, 404],
  "GET /nodes": [NEEDS_LOGIN, 200, 200, 403, 200],
  "GET /nodes/:id": [NEEDS_LOGIN, 404, 404, 403, 404],
  "PATCH /nodes/:id": [NEEDS_LOGIN, 404, 404, 403, 404],
  "GET /health/live": [200, 200, 200, 200, 200],
  "GET /health/ready": [200, 200, 200, 200, 200],
};

const nameOf = (route: Route) => `${route.method} ${route.path}`;

let stack: Stack;
let clients: Record<Role, Client>;
let mine: { session: string; run: string };

beforeAll(async () => {
  stack = await startStack();
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
  const events = await owner.chat({ message: "mine" });
  mine = { session: String(events[0]?.data.session_id), run: String(events[0]?.data.run_id) };
});
afterAll(() => stack.stop());

/** The owner's things in the path, a fresh session where the route would remove it, and no body beyond `{}`. */
async function pathOf(route: Route): Promise<string> {
  const session =
    route.method === "DELETE" && route.path === "/sessions/:id" ? await freshSession() : mine.session;
  return route.path
    .replace("/sessions/:id", `/sessions/${session}`)
    .replace(":run_id", mine.run)
    .replace(":call_id", "call_none")
    .replace(":name", "no_such_tool")
    .replace(":id", "none");
}

async function freshSession(): Promise<string> {
  const { body } = await clients.owner.call<{ session: { id: string } }>("POST", "/sessions", {});
  return body.session.id;
}

describe("G16 every route has its declared outcome for everybody", () => {
  test("every route is in the table, and the table has no route that is not served", () => {
    expect(Object.keys(OUTCOMES).toSorted()).toEqual(ROUTES.map(nameOf).toSorted());
  });

  test.each(ROUTES.map((route) => [nameOf(route), route] as const))("%s", async (name, route) => {
    const actual: number[] = [];
    for (const role of ROLES) {
      const body = route.method === "GET" ? undefined : {};
      const { status } = await clients[role].call(route.method, await pathOf(route), body);
      actual.push(status);
    }
    expect(actual).toEqual(OUTCOMES[name]);
  });

  test("a path that nobody declared is 404 with a problem document", async () => {
    const { status, body, headers } = await clients.owner.call("GET", "/agent/none");
    expect(status).toBe(404);
    expect(headers.get("content-type")).toBe("application/problem+json");
    expect(body).toMatchObject({ code: "not_found" });
  });
});
