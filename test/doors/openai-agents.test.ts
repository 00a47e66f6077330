// OpenAI's SDK for agents, unmodified, against a real server: with its model of responses and with the one of chat completions. Its tracing,
// which would send what is said to OpenAI, is off.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import {
  Agent,
  OpenAIProvider,
  Runner,
  setTraceProcessors,
  setTracingDisabled,
  tool,
  user,
} from "@openai/agents";
import OpenAI from "openai";
import { z } from "zod";
import { type ClientDoor, openClientDoor } from "../support/client-door.ts";

setTracingDisabled(true);
setTraceProcessors([]);

let door: ClientDoor;
beforeAll(async () => {
  door = await openClientDoor();
});
afterEach(() => door.stack.fake.script());
afterAll(() => door.stop());

type Options = ConstructorParameters<typeof OpenAI>[0];

function runnerOf(useResponses: boolean, more: Options & object = {}): Runner {
  const openAIClient = new OpenAI({
    ...{ baseURL: `${door.stack.server.url}/v1`, apiKey: door.key, maxRetries: 0 },
    ...more,
  });
  const modelProvider = new OpenAIProvider({ openAIClient, useResponses });
  return new Runner({ modelProvider, tracingDisabled: true });
}

const weather = tool({
  name: "weather",
  description: "the weather of a city",
  parameters: z.object({ city: z.string() }),
  execute: async ({ city }) => `rain in ${city}`,
});
const plain = (model = "openai/fake") => new Agent({ name: "Plain", instructions: "Be kind.", model });

const refusal = (asked: Promise<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> =>
  asked.then(
    () => Promise.reject(new Error("it was not refused")),
    (thrown: unknown) => thrown as InstanceType<typeof OpenAI.APIError>,
  );

describe.each([
  ["responses", true],
  ["chat completions", false],
])("by %s", (_name, useResponses) => {
  test.each(["openai/fake", "macjarvis/openai/fake", "macjarvis"])(
    "%s answers, whole and streamed",
    async (id) => {
      const runner = runnerOf(useResponses);
      const whole = await runner.run(plain(id), "hello 東京");
      expect(whole.finalOutput).toBe("echo: hello 東京");
      expect(whole.state.usage.inputTokens).toBeGreaterThan(0);
      const streamed = await runner.run(plain(id), "hello 東京", { stream: true });
      const pieces: string[] = [];
      for await (const event of streamed)
        if (event.type === "raw_model_stream_event" && event.data.type === "output_text_delta")
          pieces.push(event.data.delta);
      expect(pieces.join("")).toBe("echo: hello 東京");
      expect(pieces.length).toBeGreaterThan(1);
      expect(streamed.finalOutput).toBe("echo: hello 東京");
      expect(streamed.state.usage.totalTokens).toBe(whole.state.usage.totalTokens);
    },
  );

  test("tools of the program's own run, whole and streamed", async () => {
    const agent = new Agent({ name: "Teller", model: "openai/fake", tools: [weather] });
    const question = 'call:weather {"city":"Bonn"}\ncall:weather {"city":"Köln"}';
    const whole = await runnerOf(useResponses).run(agent, question);
    expect(whole.finalOutput).toBe("done: rain in Bonn | rain in Köln");
    const streamed = await runnerOf(useResponses).run(agent, question, { stream: true });
    await streamed.completed;
    expect(streamed.finalOutput).toBe("done: rain in Bonn | rain in Köln");
  });

  test("one agent hands over to another, of another model", async () => {
    const poet = new Agent({ name: "Poet", instructions: "Rhyme.", model: "openai/other" });
    const triage = Agent.create({ name: "Triage", model: "openai/fake", handoffs: [poet] });
    door.stack.fake.script([
      { toolCalls: [{ name: "transfer_to_Poet", arguments: {} }] },
      { text: "a poem" },
    ]);
    const { finalOutput, lastAgent } = await runnerOf(useResponses).run(triage, "a poem, please");
    expect([finalOutput, lastAgent?.name]).toEqual(["a poem", "Poet"]);
    expect(door.stack.fake.requests.at(-1)?.body.model).toBe("other");
  });

  test("an object comes as its schema says", async () => {
    const outputType = z.object({ name: z.string(), age: z.number() });
    const agent = new Agent({ name: "Clerk", model: "openai/fake", outputType });
    door.stack.fake.script([{ text: '{"name":"Ada","age":36}' }]);
    expect((await runnerOf(useResponses).run(agent, "who?")).finalOutput).toEqual({ name: "Ada", age: 36 });
  });

  test("a conversation goes on with the SDK's own form of what was said and done", async () => {
    const runner = runnerOf(useResponses);
    const agent = new Agent({ name: "Teller", model: "openai/fake", tools: [weather] });
    const first = await runner.run(agent, 'call:weather {"city":"Bonn"}');
    const streamed = await runner.run(agent, [...first.history, user("and")], { stream: true });
    await streamed.completed;
    const last = await runner.run(agent, [...streamed.history, user("now")]);
    expect(last.finalOutput).toBe("echo: now");
  });

  test("errors are OpenAI's own kinds", async () => {
    const wrong = await refusal(runnerOf(useResponses, { apiKey: "mj_wrong" }).run(plain(), "x"));
    expect(wrong).toBeInstanceOf(OpenAI.AuthenticationError);
    const unknown = await refusal(runnerOf(useResponses).run(plain("nobody"), "x"));
    expect(unknown).toBeInstanceOf(OpenAI.NotFoundError);
    const body = {
      error: { message: "maximum context length is 100 tokens", code: "context_length_exceeded" },
    };
    door.stack.fake.script([{ fault: { type: "status", status: 400, body } }]);
    const refused = await refusal(runnerOf(useResponses).run(plain(), "x"));
    expect(refused).toBeInstanceOf(OpenAI.BadRequestError);
    expect(refused.code).toBe("context_length_exceeded");
  });

  test("a limit says when to come again", async () => {
    await door.whileLimited(async () => {
      const error = await refusal(runnerOf(useResponses).run(plain(), "x"));
      expect(error).toBeInstanceOf(OpenAI.RateLimitError);
      expect(Number(error.headers?.get("retry-after"))).toBeGreaterThan(0);
    });
  });

  test("who aborts ends the run", async () => {
    const gate = Promise.withResolvers<void>();
    const leaving = new AbortController();
    door.stack.fake.script([{ text: ["one ", "two"], gate: gate.promise, gateAfter: 1 }]);
    const { signal } = leaving;
    const streamed = await runnerOf(useResponses).run(plain(), "long", { stream: true, signal });
    const read = (async () => {
      for await (const event of streamed)
        if (event.type === "raw_model_stream_event" && event.data.type === "output_text_delta")
          leaving.abort();
    })().catch(() => undefined);
    await door.newestIs("cancelled");
    gate.resolve();
    await read;
  });

  test("a server that dies in the middle: the client asks again with its key and gets the answer of the one run", async () => {
    const gate = Promise.withResolvers<void>();
    const before = (await door.runs()).length;
    const words = `through-a-crash-${useResponses ? "once" : "again"}`;
    door.stack.fake.script([{ text: "lost", gate: gate.promise }, { text: "the answer" }]);
    const runner = runnerOf(useResponses, { maxRetries: 8, defaultHeaders: { "Idempotency-Key": words } });
    const asked = runner.run(plain(), words);
    await door.stack.fake.waitForRequest(({ heard }) => heard.message === words);
    await door.restart();
    gate.resolve();
    expect((await asked).finalOutput).toBe("the answer");
    expect((await door.runs()).length).toBe(before + 1);
  });
});

test("a response is gone on from, and a conversation is a session of ours", async () => {
  const runner = runnerOf(true);
  const first = await runner.run(plain(), "my name is Ada");
  const next = await runner.run(plain(), "and now", { previousResponseId: first.lastResponseId });
  expect(next.finalOutput).toBe("echo: and now");
  const heard = () => JSON.stringify(door.stack.fake.requests.at(-1)?.body.messages);
  expect(heard()).toContain("my name is Ada");
  const made = await door.user.call<{ session: { id: string } }>("POST", "/sessions", {});
  const { id } = made.body.session;
  await door.user.chat({ message: "we are in Rome", session_id: id });
  await runner.run(plain("macjarvis"), "where?", { conversationId: id.replace("ses_", "conv_") });
  expect(heard()).toContain("we are in Rome");
});
