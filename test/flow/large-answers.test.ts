// What is large is held whole in memory: a client that sends it and never ends, or asks for it and never reads, has a few under way.
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Client, register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";

/** Written as JSON it is six times as long: more than the sockets of the system take in. */
const LONG = "\u0001".repeat(1_500_000);
const AT_ONCE = 4;
const BODIES_AT_ONCE = 8;

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

function connected(): Socket {
  const { port } = new URL(stack.server.url);
  return connect(Number(port), "127.0.0.1").on("error", () => undefined);
}

/** Whether the server is done with what came before this: the answer to somebody else. */
async function isAnswered(client: Client, path: string): Promise<void> {
  expect((await client.call("GET", path)).status).toBe(200);
}

describe("large requests of one client", () => {
  test("answers that nobody reads, also on one connection, are not all made: the next waits until one is read or left", async () => {
    const [ada, bob] = [await register(stack.server.url), await register(stack.server.url)];
    const [session, other] = await Promise.all([filled(ada), filled(bob, 1)]);
    const unread = connected();
    unread.write(
      `GET /api/v1/sessions/${session}/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${ada.token}\r\n\r\n`.repeat(
        AT_ONCE,
      ),
    );
    await new Promise<void>((resolve) => {
      unread.once("data", () => resolve(void unread.pause()));
    });
    let isDone = false;
    const next = ada.call("GET", `/sessions/${session}/messages`).finally(() => {
      isDone = true;
    });
    await isAnswered(bob, `/sessions/${other}/messages`);
    await isAnswered(ada, "/sessions");
    expect((await ada.call("POST", "/agent/cancel/run_none")).status).toBe(404);
    expect(isDone).toBe(false);
    unread.destroy();
    expect((await next).status).toBe(200);
  });

  test("bodies that do not end, of an address that nobody knows, keep no user from sending", async () => {
    const ada = await register(stack.server.url);
    const endless = Array.from({ length: BODIES_AT_ONCE }, () => {
      const socket = connected();
      socket.write(
        "POST /api/v1/users/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 9000000\r\nExpect: 100-continue\r\n\r\n",
      );
      return socket;
    });
    await Promise.all(endless.map((socket) => new Promise((resolve) => socket.once("data", resolve))));
    let isDone = false;
    const body = { email: "nobody@example.com", password: "a".repeat(100_000) };
    const next = new Client(stack.server.url).call("POST", "/users/login", body).finally(() => {
      isDone = true;
    });
    expect((await ada.call("POST", "/sessions", { title: "Mine" })).status).toBe(201);
    await filled(ada, 1);
    expect(isDone).toBe(false);
    for (const socket of endless) socket.destroy();
    expect((await next).status).toBe(422);
  });
});

/** @returns a session whose messages are large */
async function filled(client: Client, messages = 2): Promise<string> {
  const { body } = await client.call<{ session: { id: string } }>("POST", "/sessions", {});
  for (let i = 0; i < messages; i += 1) {
    const added = await client.call("POST", `/sessions/${body.session.id}/messages`, {
      role: "user",
      content: LONG,
    });
    expect(added.status).toBe(201);
  }
  return body.session.id;
}
