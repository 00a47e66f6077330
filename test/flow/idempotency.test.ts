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
});
