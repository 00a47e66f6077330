// What is open with a credential ends with it, whichever way it ends, while the run itself goes on; and nothing else ends (G16).
import { connect } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { Client, readEvents, register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { waitFor } from "../support/wait-for.ts";

type User = Awaited<ReturnType<typeof register>>;
type Tokens = { access_token: string; refresh_token: string };

let stack: Stack;
let owner: Client;
beforeAll(async () => {
  stack = await startStack();
  owner = new Client(stack.server.url, await stack.server.ownerKey());
});
afterAll(() => stack.stop());

/** The model says one word and then nothing more until the test has ended. */
let release: () => void;
beforeEach(() => {
  release?.();
  const gate = Promise.withResolvers<void>();
  release = () => gate.resolve();
  stack.fake.script(() => ({ text: ["held ", "to its end"], gate: gate.promise, gateAfter: 1 }));
});

async function login(user: User): Promise<Tokens> {
  const { email, password } = user;
  const { status, body } = await user.call<Tokens>("POST", "/users/login", { email, password });
  expect(status).toBe(200);
  return body;
}

async function makeKey(user: Client, more: Record<string, unknown> = {}) {
  const body = { name: "k", scopes: ["chat", "sessions:read"], ...more };
  const made = await user.call<{ secret: string; key: { id: string } }>("POST", "/users/me/keys", body);
  expect(made.status).toBe(201);
  return { id: made.body.key.id, secret: made.body.secret };
}

type Open = { name: string; isOver(): boolean; ended: Promise<number | "cut"> };

function opened(name: string, ended: Promise<number | "cut">): Open {
  let over = false;
  const watched = ended.finally(() => {
    over = true;
  });
  return { name, isOver: () => over, ended: watched };
}

/** A chat, its events read a second time, and a wait, all with this token; they are under way when it answers. */
async function openAll(token: string): Promise<{ all: Open[]; run: string }> {
  const client = new Client(stack.server.url, token);
  const begun = Promise.withResolvers<string>();
  const response = await client.open("POST", "/agent/chat", { message: "hold" });
  expect(response.status).toBe(200);
  const chat = readEvents(response, (event) => {
    if (event.event === "run") begun.resolve(String(event.data.run_id));
    return event.event === "done";
  }).then(() => "cut" as const);
  const run = await begun.promise;
  const heard = Promise.withResolvers<void>();
  const events = client
    .events(run, 0, ({ event }) => {
      if (event === "content") heard.resolve();
      return event === "done";
    })
    .then(() => "cut" as const);
  await heard.promise;
  const asked = stack.fake.requests.length;
  const sync = client.call("POST", "/agent/chat/sync", { message: "wait" }).then(({ status }) => status);
  await waitFor("the wait's run asks its model", () => stack.fake.requests.length > asked);
  return { all: [opened("chat", chat), opened("events", events), opened("sync", sync)], run };
}

const ways: Record<string, (user: User) => Promise<{ token: string; end(): Promise<void> }>> = {
  "its key is removed": async (user) => {
    const { id, secret } = await makeKey(user);
    return {
      token: secret,
      end: async () => expect((await user.call("DELETE", `/users/me/keys/${id}`)).status).toBe(204),
    };
  },
  "its key expires": async (user) => {
    const { secret } = await makeKey(user, { expires_at: new Date(Date.now() + 10_000).toISOString() });
    return { token: secret, end: async () => undefined };
  },
  "its login is ended": async (user) => {
    const tokens = await login(user);
    const { refresh_token } = tokens;
    return {
      token: tokens.access_token,
      end: async () => expect((await user.call("POST", "/users/logout", { refresh_token })).status).toBe(204),
    };
  },
  "another login sets a new password": async (user) => {
    const tokens = await login(user);
    const body = { password: "another horse battery 9", current_password: user.password };
    return {
      token: tokens.access_token,
      end: async () => expect((await user.call("PUT", "/users/me", body)).status).toBe(200),
    };
  },
  "an admin sets a new password": async (user) => ({
    token: user.token ?? "",
    end: async () => {
      const body = { password: "another horse battery 9" };
      expect((await owner.call("PATCH", `/admin/users/${user.id}`, body)).status).toBe(200);
    },
  }),
  "its account is disabled, by a key": async (user) => {
    const { secret } = await makeKey(user);
    return {
      token: secret,
      end: async () =>
        expect((await owner.call("PATCH", `/admin/users/${user.id}`, { disabled: true })).status).toBe(200),
    };
  },
  "its user removes the account": async (user) => ({
    token: user.token ?? "",
    end: async () => {
      const body = { current_password: user.password };
      expect((await user.call("DELETE", "/users/me", body)).status).toBe(202);
    },
  }),
  "it is no admin's any more": async (user) => {
    await owner.call("PATCH", `/admin/users/${user.id}`, { role: "admin" });
    return {
      token: user.token ?? "",
      end: async () =>
        expect((await owner.call("PATCH", `/admin/users/${user.id}`, { role: "free_user" })).status).toBe(
          200,
        ),
    };
  },
};

describe("what is open ends when", () => {
  test.each(Object.entries(ways))("%s", async (_name, begin) => {
    const user = await register(stack.server.url);
    await owner.call("PATCH", `/admin/users/${user.id}`, { plan: "pro" });
    const { token, end } = await begin(user);
    const { all } = await openAll(token);
    expect(all.filter(({ isOver }) => isOver()).map(({ name }) => name)).toEqual([]);
    await end();
    // The model still says nothing: they end now or never.
    const results = await Promise.all(all.map(({ ended }) => ended));
    expect(results.slice(0, 2)).toEqual(["cut", "cut"]);
    expect([200, 401, 403]).toContain(results[2]);
    const again = await new Client(stack.server.url, token).call("GET", "/sessions");
    expect([200, 401, 403]).toContain(again.status);
  });
});

describe("what is open goes on", () => {
  test("when another credential of the same user ends, and when the login it belongs to is refreshed", async () => {
    const user = await register(stack.server.url);
    await owner.call("PATCH", `/admin/users/${user.id}`, { plan: "pro" });
    const mine = await login(user);
    const kept = await openAll(mine.access_token);
    const key = await makeKey(user);
    const other = await openAll(key.secret);
    expect((await user.call("DELETE", `/users/me/keys/${key.id}`)).status).toBe(204);
    await Promise.all(other.all.map(({ ended }) => ended));
    const { refresh_token } = mine;
    expect((await user.call("POST", "/users/refresh", { refresh_token })).status).toBe(200);
    expect((await user.call("PUT", "/users/me", { display_name: "New" })).status).toBe(200);
    expect(kept.all.filter(({ isOver }) => isOver())).toEqual([]);
    // The run of the ended key was not ended with it (G11), and all is read to its end.
    release();
    expect(await Promise.all(kept.all.map(({ ended }) => ended))).toEqual(["cut", "cut", 200]);
    const events = await user.events(other.run, 0);
    expect(events.at(-1)?.event).toBe("done");
  });

  test("a request that ends the credential it was sent with is answered", async () => {
    const user = await register(stack.server.url);
    const key = await makeKey(user, { scopes: ["account"] });
    const client = new Client(stack.server.url, key.secret);
    expect((await client.call("DELETE", `/users/me/keys/${key.id}`)).status).toBe(204);
    expect((await client.call("GET", "/users/me")).status).toBe(401);
  });
});

describe("a credential that ends while a body comes", () => {
  /** A request whose body waits until it is told to come: the server knows who asks by then. */
  async function begun(method: string, path: string, token: string, body: object) {
    const { port } = new URL(stack.server.url);
    const text = JSON.stringify(body);
    const socket = connect(Number(port), "127.0.0.1");
    const told = Promise.withResolvers<void>();
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => undefined);
    let answer = "";
    socket.on("data", (piece) => {
      answer += piece;
      if (answer.includes("100 Continue")) told.resolve();
    });
    const head = [`Authorization: Bearer ${token}`, "Content-Type: application/json", "Connection: close"];
    socket.write(
      `${method} /api/v1${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${text.length}\r\nExpect: 100-continue\r\n${head.join("\r\n")}\r\n\r\n`,
    );
    await told.promise;
    return async () => {
      socket.write(text);
      await closed;
      return /HTTP\/1\.1 (\d+) (?!Continue)/.exec(answer)?.[1];
    };
  }

  test.each([
    ["POST", "/users/me/keys", { name: "another", scopes: ["account"] }],
    ["POST", "/sessions", { title: "mine" }],
    ["POST", "/agent/chat", { message: "hello" }],
    ["POST", "/agent/chat/sync", { message: "hello" }],
    ["PUT", "/users/me/policy", { rules: [{ risk: "execute", decision: "allow" }] }],
  ])("opens nothing any more: %s %s", async (method, path, body) => {
    const user = await register(stack.server.url);
    const scopes = ["chat", "sessions:read", "sessions:write", "account"];
    const key = await makeKey(user, { scopes });
    const end = await begun(method, path, key.secret, body);
    expect((await user.call("DELETE", `/users/me/keys/${key.id}`)).status).toBe(204);
    // Longer than a look at a credential is good for.
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await end()).toBe("401");
    const { body: keys } = await user.call<{ keys: unknown[] }>("GET", "/users/me/keys");
    const { body: runs } = await user.call<{ runs: unknown[] }>("GET", "/agent/runs");
    expect([keys.keys, runs.runs]).toEqual([[], []]);
  });
});
