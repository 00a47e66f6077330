import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { auditEvents } from "../support/auditor.ts";
import { type AnyEvent, readEvents, register } from "../support/client.ts";
import { isOnCluster } from "../support/on-cluster.ts";
import { type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

type User = Awaited<ReturnType<typeof register>>;
type Said = { role: string; run_id?: string };
const PAIR = ["user", "assistant"];

/** A user without limits of its own. */
async function enterprise(): Promise<User> {
  const user = await register(stack.server.url);
  const owner = await stack.server.ownerKey();
  const headers = { Authorization: `Bearer ${owner}` };
  await user.call("PATCH", `/admin/users/${user.id}`, { plan: "enterprise" }, headers);
  return user;
}

async function history(user: User, session: string): Promise<Said[]> {
  const { body } = await user.call<{ messages: Said[] }>("GET", `/sessions/${session}/messages?limit=200`);
  return body.messages;
}

function acceptedAt(run: string, streams: AnyEvent[][]): string {
  return String(streams.find((events) => events[0]?.data.run_id === run)?.[0]?.data.created_at);
}

/** A run whose model does not answer before it is let go. */
async function holdingRun(user: User): Promise<{ run: string; session: string; release(): void }> {
  const gate = Promise.withResolvers<void>();
  // By what is asked: runs of an earlier test may still stand in line.
  const held = { text: ["held ", "answer"], gate: gate.promise };
  stack.fake.script(({ heard }) => (heard.message === "hold" ? held : undefined));
  const [event] = await user.chat({ message: "hold" }, { until: (first) => first.event === "run" });
  return {
    run: String(event?.data.run_id),
    session: String(event?.data.session_id),
    release: () => gate.resolve(),
  };
}

describe("a session works on one run at a time", () => {
  test("queue: of 25 at once 10 wait, also for a user who may have 5 runs at once, and the others are told that the line is full", async () => {
    const user = await register(stack.server.url);
    const held = await holdingRun(user);
    const body = { session_id: held.session, if_busy: "queue" };
    const answers = await Promise.all(
      Array.from({ length: 25 }, async (_, n) => {
        const answer = await user.open("POST", "/agent/chat", { ...body, message: `number ${n}` });
        const told = answer.ok
          ? await readEvents(answer, () => true)
          : ((await answer.json()) as { code: string });
        return Array.isArray(told) ? String(told[0]?.data.status) : told.code;
      }),
    );
    expect(answers.filter((answer) => answer === "queued")).toHaveLength(10);
    expect(answers.filter((answer) => answer === "queue_full")).toHaveLength(15);
    held.release();
    await user.events(held.run);
  });

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

  test("of 50 at once at most 10 wait, in their order; the others are told to come again and leave nothing", async () => {
    const user = await register(stack.server.url);
    const held = await holdingRun(user);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        user.open("POST", "/agent/chat", {
          message: `m${index}`,
          session_id: held.session,
          if_busy: "queue",
        }),
      ),
    );
    const accepted = answers.filter(({ status }) => status === 200);
    expect(accepted).toHaveLength(10);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(40);
    held.release();
    const streams = await Promise.all(accepted.map((response) => readEvents(response)));
    for (const events of streams) {
      expect(auditEvents(events)).toEqual([]);
      expect(events[0]?.data).toMatchObject({ status: "queued" });
      expect(events.at(-1)?.data).toMatchObject({ status: "completed" });
    }
    const messages = await history(user, held.session);
    expect(messages.map(({ role }) => role)).toEqual(Array.from({ length: 11 }, () => PAIR).flat());
    const order = messages.filter(({ role }) => role === "user").map(({ run_id }) => run_id);
    expect(order[0]).toBe(held.run);
    // On a cluster several processes take them, and who came first is what the session says, not their clocks (line-order.test.ts).
    const times = order.slice(1).map((run) => acceptedAt(String(run), streams));
    expect(isOnCluster || times).toEqual(isOnCluster || times.toSorted());
    const usage = await user.call<{ today: { requests: number } }>("GET", "/users/me/usage");
    expect(usage.body.today.requests).toBe(11);
  });

  test("50 interrupts at once: nothing is lost, one after the other, the last one answers", async () => {
    const user = await enterprise();
    const held = await holdingRun(user);
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        user.open("POST", "/agent/chat", {
          message: "now",
          session_id: held.session,
          if_busy: "interrupt",
        }),
      ),
    );
    const accepted = answers.filter(({ status }) => status === 200);
    expect(accepted.length).toBeGreaterThanOrEqual(10);
    expect(accepted.length + answers.filter(({ status }) => status === 429).length).toBe(50);
    const streams = await Promise.all(accepted.map((response) => readEvents(response)));
    for (const events of streams) expect(auditEvents(events)).toEqual([]);
    expect((await user.events(held.run)).at(-1)?.data).toMatchObject({ status: "cancelled" });
    expect(streams.some((events) => events.at(-1)?.data.status === "completed")).toBe(true);
    const roles = (await history(user, held.session)).map(({ role }) => role);
    expect(roles.filter((role) => role === "user").length).toBeLessThanOrEqual(accepted.length + 1);
    held.release();
  });

  test("an interrupt that is refused cancels nothing", async () => {
    // Ten in line are more than the free plan's five runs at once: those that wait do not count.
    const user = await register(stack.server.url);
    const held = await holdingRun(user);
    const queue = (if_busy: string) =>
      user.open("POST", "/agent/chat", { message: "q", session_id: held.session, if_busy });
    for (let index = 0; index < 10; index += 1) {
      const answer = await queue("queue");
      expect(answer.status).toBe(200);
      await answer.body?.cancel();
    }
    expect((await queue("interrupt")).status).toBe(429);
    held.release();
    expect((await user.events(held.run)).at(-1)?.data).toMatchObject({ status: "completed" });
    // Those in line must not use up the model's answers of the next test.
    expect((await user.call("DELETE", `/sessions/${held.session}`)).status).toBe(204);
  });

  test("deleting a session ends the run that works, those that wait, and removes everything", async () => {
    const user = await enterprise();
    const held = await holdingRun(user);
    const runs = [held.run];
    for (let index = 0; index < 3; index += 1) {
      const body = { message: "q", session_id: held.session, if_busy: "queue" };
      const [first] = await user.chat(body, { until: (event) => event.event === "run" });
      runs.push(String(first?.data.run_id));
    }
    expect((await user.call("DELETE", `/sessions/${held.session}`)).status).toBe(204);
    for (const run of runs)
      expect((await user.events(run)).at(-1)?.data).toMatchObject({ status: "cancelled" });
    expect((await user.call("GET", `/sessions/${held.session}`)).status).toBe(404);
    held.release();
  });

  test("messages added by hand while runs come and go never stand between a question and its answer", async () => {
    const user = await enterprise();
    const made = await user.call<{ session: { id: string } }>("POST", "/sessions", {});
    const session = made.body.session.id;
    for (let round = 0; round < 5; round += 1)
      await Promise.all([
        user.call("POST", "/agent/chat/sync", { message: "run", session_id: session, if_busy: "queue" }),
        ...Array.from({ length: 10 }, () =>
          user.call("POST", `/sessions/${session}/messages`, { role: "user", content: "by hand" }),
        ),
      ]);
    const messages = await history(user, session);
    messages.forEach((message, index) => {
      if (message.role === "assistant") expect(messages[index - 1]?.run_id).toBe(message.run_id);
    });
    expect(messages.filter(({ role }) => role === "assistant")).toHaveLength(5);
  });
});
