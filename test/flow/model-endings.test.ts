// How answers end, and what a client is told of it: whatever a vendor says, never a proper end that was none.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { EVENT_DATA } from "../../contracts/answers/events.ts";
import { audit, auditEvents } from "../support/auditor.ts";
import { type AnyEvent, register, textOf } from "../support/client.ts";
import type { FakeTurn } from "../support/fake-model/turn.ts";
import { type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());
beforeEach(() => {
  stack.fake.script();
  stack.fake.requests.length = 0;
});

const of = (events: AnyEvent[], name: string) =>
  events.filter((event) => event.event === name).map((event) => event.data);
type Stored = { messages: { role: string; content: string; status: string }[] };

async function chat(turns: FakeTurn[]) {
  const user = await register(stack.server.url);
  stack.fake.script(turns);
  const events = await user.chat({ message: "go", tools: [] });
  expect(auditEvents(events)).toEqual([]);
  for (const { event, data } of events)
    expect(EVENT_DATA[event as keyof typeof EVENT_DATA]?.safeParse(data).error).toBeUndefined();
  const path = `/sessions/${events[0]?.data.session_id}/messages`;
  const { body } = await user.call<Stored>("GET", path);
  return { events, stored: body.messages.slice(1), error: of(events, "error")[0], done: events.at(-1)?.data };
}

describe("an answer that did not end as answers do", () => {
  test("filtered without a word: failed, and said to be filtered", async () => {
    const { error, done, stored } = await chat([{ finish: "sensitive" }]);
    expect(error).toMatchObject({
      code: "model_filtered",
      message: expect.stringMatching(/withheld.*filter/),
    });
    expect(done).toMatchObject({ status: "failed", finish_reason: "error" });
    expect(stored).toEqual([]);
  });

  test.each(["content_filter", "SAFETY"])(
    "filtered by %s after some words: they are kept as incomplete",
    async (finish) => {
      const { events, error, stored } = await chat([{ text: ["The first ", "step"], finish }]);
      expect(error).toMatchObject({ code: "model_filtered", message: expect.stringMatching(/cut off/) });
      expect(stored).toMatchObject([{ content: "The first step", status: "incomplete" }]);
      expect(textOf(events)).toBe("The first step");
      expect(of(events, "usage")).toHaveLength(1);
    },
  );

  test("a call that cannot be read: asked again, told as that, and at last a typed error", async () => {
    const malformed = { finish: "function_call_filter: MALFORMED_FUNCTION_CALL" };
    const helped = await chat([malformed, { text: "now" }]);
    expect(helped.done).toMatchObject({ status: "completed", finish_reason: "stop" });
    expect(of(helped.events, "retry")).toMatchObject([{ step: 1, attempt: 2, of: 3 }]);
    const { error } = await chat([malformed, { finish: "MALFORMED_FUNCTION_CALL" }, malformed]);
    expect(error).toMatchObject({ code: "model_malformed_call" });
  });

  test("not one word and no call: asked again once, then told", async () => {
    const { error, done } = await chat([{ finish: "stop" }, { finish: "stop" }, { text: "never" }]);
    expect(error).toMatchObject({ code: "model_empty", message: expect.stringMatching(/without a word/) });
    expect(done).toMatchObject({ status: "failed", message_id: null });
    expect(stack.fake.requests).toHaveLength(2);
  });

  test("thoughts without an answer are void when it is asked again", async () => {
    const { events, done } = await chat([{ reasoning: "hm", finish: "stop" }, { text: "yes" }]);
    expect(events.map(({ event }) => event).slice(1, -1)).toEqual([
      "reasoning",
      "retry",
      "reset",
      "content",
      "usage",
    ]);
    expect(done).toMatchObject({ status: "completed" });
  });

  test("for a reason that nobody knows: told as what it is, the text is kept", async () => {
    const { error, stored } = await chat([{ text: "so far", finish: "pause_turn" }]);
    expect(error).toMatchObject({ code: "model_ended", message: expect.stringContaining("pause_turn") });
    expect(stored).toMatchObject([{ content: "so far", status: "incomplete" }]);
  });

  test("a session goes on after each of them", async () => {
    const user = await register(stack.server.url);
    stack.fake.script([{ text: "cut", finish: "refusal" }, { finish: "stop" }, { finish: "stop" }]);
    const first = await user.chat({ message: "one", tools: [] });
    const session_id = String(first[0]?.data.session_id);
    await user.chat({ message: "two", session_id, tools: [] });
    const third = await user.chat({ message: "three", session_id, tools: [] });
    expect(textOf(third)).toBe("echo: three");
  });
});

describe("a model that is silent", () => {
  test("retries that help are told by no error", async () => {
    const { events, done } = await chat([{ fault: { type: "status", status: 503 } }, { text: "there" }]);
    expect([of(events, "error"), of(events, "retry").length]).toEqual([[], 1]);
    expect(done).toMatchObject({ status: "completed" });
  });

  test("is told while it is: each further question with its number and reason, and at last the setting", async () => {
    // Only now: on a busy machine every model is silent for that long at times.
    await stack.restart({ MODEL_IDLE_S: "1" });
    const silent: FakeTurn = { text: "x", fault: { type: "hang" } };
    const { events, error } = await chat([silent, silent, silent]);
    expect(of(events, "retry")).toMatchObject([
      { step: 1, attempt: 2, of: 3, reason: expect.stringContaining("sent nothing for 1 s (MODEL_IDLE_S)") },
      { step: 1, attempt: 3, of: 3 },
    ]);
    expect(error).toMatchObject({ code: "model_timeout", message: expect.stringContaining("MODEL_IDLE_S") });
  });
});

test("everything is consistent afterwards", async () => {
  await stack.server.kill("SIGTERM");
  expect(audit(stack.server.home)).toEqual([]);
});
