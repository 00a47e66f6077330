import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

describe("G8 Idempotency-Key", () => {
  test("the same key 20 times at once: one run, one message, one charge", async () => {
    const user = await register(stack.server.url);
    const headers = { "Idempotency-Key": "twenty" };
    const asked = stack.fake.requests.length;
    const streams = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        index % 2
          ? user.chat({ message: "once" }, { headers }).then((events) => String(events[0]?.data.run_id))
          : user
              .call<{ run_id: string }>("POST", "/agent/chat/sync", { message: "once" }, headers)
              .then(({ body }) => body.run_id),
      ),
    );
    expect(new Set(streams).size).toBe(1);
    expect(stack.fake.requests.length - asked).toBe(1);
    const sessions = await user.call<{ sessions: { title: string; message_count: number }[] }>(
      "GET",
      "/sessions",
    );
    const made = sessions.body.sessions.filter((session) => session.title === "once");
    expect(made).toHaveLength(1);
    expect(made[0]?.message_count).toBe(2);
    const usage = await user.call<{ today: { requests: number } }>("GET", "/users/me/usage");
    expect(usage.body.today.requests).toBe(1);
  });

  test("the key with another body is refused; white space and the order of keys make no other body", async () => {
    const user = await register(stack.server.url);
    const headers = { "Idempotency-Key": "other" };
    const first = await user.call<{ run_id: string }>(
      "POST",
      "/agent/chat/sync",
      '{"message":"a","max_steps":3}',
      headers,
    );
    const same = await user.call<{ run_id: string }>(
      "POST",
      "/agent/chat/sync",
      '{ "max_steps": 3, "message": "a" }',
      headers,
    );
    expect(same.body.run_id).toBe(first.body.run_id);
    const other = await user.call("POST", "/agent/chat/sync", { message: "b" }, headers);
    expect(other.status).toBe(422);
    expect(other.body).toMatchObject({ code: "idempotency_mismatch" });
  });

  test("a request that was refused binds no key", async () => {
    const user = await register(stack.server.url);
    const headers = { "Idempotency-Key": "refused" };
    const refused = await user.call(
      "POST",
      "/agent/chat/sync",
      { message: "x", model: "openai/none" },
      headers,
    );
    expect(refused.status).toBe(422);
    const accepted = await user.call("POST", "/agent/chat/sync", { message: "x" }, headers);
    expect(accepted.status).toBe(200);
  });

  test("the key is the user's own: another user's run with it is another run", async () => {
    const headers = { "Idempotency-Key": "shared" };
    const runs = await Promise.all(
      [0, 1].map(async () => {
        const user = await register(stack.server.url);
        const { body } = await user.call<{ run_id: string }>(
          "POST",
          "/agent/chat/sync",
          { message: "mine" },
          headers,
        );
        return body.run_id;
      }),
    );
    expect(new Set(runs).size).toBe(2);
  });

  test("a repeat after a restart replays the run from its first event, and makes no session", async () => {
    const user = await register(stack.server.url);
    const headers = { "Idempotency-Key": "kept" };
    const first = await user.chat({ message: "once" }, { headers });
    await stack.restart();
    user.url = stack.server.url;
    expect(await user.chat({ message: "once" }, { headers })).toEqual(first);
    const { body } = await user.call<{ sessions: unknown[] }>("GET", "/sessions?q=once");
    expect(body.sessions).toHaveLength(1);
  });

  test.each(["", "a b", "ü", "x".repeat(256)])("%j is no key", async (key) => {
    const user = await register(stack.server.url);
    const answer = await user
      .call("POST", "/agent/chat/sync", { message: "x" }, { "Idempotency-Key": key })
      .catch(() => undefined);
    // What no header may hold the client itself refuses.
    expect(answer?.status ?? 422).toBe(422);
  });
});
