import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { waitFor } from "../support/wait-for.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

type User = Awaited<ReturnType<typeof register>>;

/** A run whose model does not answer before it is let go. */
async function holdingRun(user: User): Promise<{ run: string; session: string; release(): void }> {
  const gate = Promise.withResolvers<void>();
  stack.fake.script([{ text: ["held ", "answer"], gate: gate.promise }]);
  const [event] = await user.chat({ message: "hold" }, { until: (first) => first.event === "run" });
  return {
    run: String(event?.data.run_id),
    session: String(event?.data.session_id),
    release: () => gate.resolve(),
  };
}

describe("a session works on one run at a time", () => {
  test("reject: 409 names the active run, and adding messages by hand is refused too", async () => {
    const user = await register(stack.server.url);
    const held = await holdingRun(user);
    const refused = await user.call("POST", "/agent/chat/sync", {
      message: "me too",
      session_id: held.session,
    });
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({ code: "session_busy", active_run_id: held.run });
    const byHand = await user.call("POST", `/sessions/${held.session}/messages`, {
      role: "user",
      content: "by hand",
    });
    expect(byHand.status).toBe(409);
    held.release();
    await user.events(held.run);
    const usage = await user.call<{ today: { requests: number } }>("GET", "/users/me/usage");
    expect(usage.body.today.requests).toBe(1);
  });

  test("queue: runs wait their turn and the history reads user, assistant, user, assistant", async () => {
    const user = await register(stack.server.url);
    const held = await holdingRun(user);
    const [queued] = await user.chat(
      { message: "second", session_id: held.session, if_busy: "queue" },
      { until: (event) => event.event === "run" },
    );
    expect(queued?.data).toMatchObject({ status: "queued" });
    held.release();
    const events = await user.events(String(queued?.data.run_id));
    expect(events.at(-1)?.data).toMatchObject({ status: "completed" });
    const { body } = await user.call<{ messages: { role: string }[] }>(
      "GET",
      `/sessions/${held.session}/messages`,
    );
    expect(body.messages.map((message) => message.role)).toEqual(["user", "assistant", "user", "assistant"]);
  });

  test("interrupt: the current run is cancelled and the new one starts after its done", async () => {
    const user = await register(stack.server.url);
    const held = await holdingRun(user);
    const events = await user.chat({ message: "instead", session_id: held.session, if_busy: "interrupt" });
    expect(events.at(-1)?.data).toMatchObject({ status: "completed" });
    const cancelled = await user.events(held.run);
    expect(cancelled.at(-1)?.data).toMatchObject({ status: "cancelled" });
    held.release();
  });

  test("at most 10 runs wait in a session", async () => {
    // More than the free plan's five runs at once: those in line do not count.
    const user = await register(stack.server.url);
    const held = await holdingRun(user);
    const queue = () =>
      user.open("POST", "/agent/chat", { message: "q", session_id: held.session, if_busy: "queue" });
    for (let index = 0; index < 10; index += 1) {
      const response = await queue();
      expect(response.status).toBe(200);
      await response.body?.cancel();
    }
    const eleventh = await queue();
    expect(eleventh.status).toBe(429);
    held.release();
    await waitFor("the queue is worked off", async () => {
      const { body } = await user.call<{ session: { active_run_id: string | null; message_count: number } }>(
        "GET",
        `/sessions/${held.session}`,
      );
      return body.session.active_run_id === null && body.session.message_count === 22;
    });
  });
});
