// The AI SDK (`ai`) with its provider for servers that speak OpenAI's language, unmodified, against a real server.
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { APICallError, generateText, isStepCount, Output, streamText, tool } from "ai";
import { z } from "zod";
import { type ClientDoor, openClientDoor } from "../support/client-door.ts";

let door: ClientDoor;
beforeAll(async () => {
  door = await openClientDoor();
});
afterEach(() => door.stack.fake.script());
afterAll(() => door.stop());

/** The SDK looks whether an error is a TypeError of its own world; jest has another one than Node's fetch. */
async function fetchHere(...asked: Parameters<typeof fetch>): Promise<Response> {
  try {
    return await fetch(...asked);
  } catch (error) {
    const { name, message, cause } = error as Error;
    throw name === "TypeError" ? new TypeError(message, { cause }) : error;
  }
}

/** A model of the door's, as a program names it. */
const at = (id: string, apiKey = door.key) =>
  createOpenAICompatible({
    ...{ name: "macjarvis", baseURL: `${door.stack.server.url}/v1`, apiKey },
    ...{ includeUsage: true, supportsStructuredOutputs: true, fetch: fetchHere },
  })(id);
const once = { maxRetries: 0 };

const weather = tool({
  description: "the weather of a city",
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => `rain in ${city}`,
});

async function refusal(asked: PromiseLike<unknown>): Promise<APICallError> {
  const error = await Promise.resolve(asked).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (APICallError.isInstance(error)) return error;
  throw new Error(`no APICallError: ${String(error)}`);
}

describe("generateText and streamText", () => {
  test.each(["openai/fake", "macjarvis/openai/fake", "macjarvis"])("%s answers", async (id) => {
    const whole = await generateText({ model: at(id), prompt: "hello 東京", system: "Be kind." });
    expect([whole.text, whole.finishReason]).toEqual(["echo: hello 東京", "stop"]);
    expect(whole.usage.inputTokens).toBeGreaterThan(0);
    const stream = streamText({ model: at(id), prompt: "hello 東京", system: "Be kind." });
    const pieces: string[] = [];
    for await (const piece of stream.textStream) pieces.push(piece);
    expect(pieces.join("")).toBe("echo: hello 東京");
    expect(pieces.length).toBeGreaterThan(1);
    expect(await stream.finishReason).toBe("stop");
    expect(await stream.usage).toMatchObject({ totalTokens: whole.usage.totalTokens });
  });

  test("the agent works with its own tools, which the program does not see", async () => {
    const prompt = `call:list_directory ${JSON.stringify({ path: door.stack.workspace })}`;
    const { text, toolCalls } = await generateText({ model: at("macjarvis"), prompt });
    expect([text.startsWith("done: "), toolCalls]).toEqual([true, []]);
  });

  test("tools of the program's own run over several steps, whole and streamed", async () => {
    const asked = {
      model: at("openai/fake"),
      tools: { weather },
      stopWhen: isStepCount(5),
      prompt: 'call:weather {"city":"Bonn"}\ncall:weather {"city":"Köln"}',
    };
    const { text, steps } = await generateText(asked);
    expect(text).toBe("done: rain in Bonn | rain in Köln");
    expect(steps.map(({ finishReason }) => finishReason)).toEqual(["tool-calls", "stop"]);
    const stream = streamText(asked);
    expect(await stream.text).toBe("done: rain in Bonn | rain in Köln");
    expect((await stream.steps)[0]?.toolCalls.map(({ input }) => input)).toEqual([
      { city: "Bonn" },
      { city: "Köln" },
    ]);
    // Its answers go back with what it has made of them, to the vendor under the vendor's own ids.
    const sent = door.stack.fake.requests.at(-1)?.body.messages as Record<string, unknown>[];
    expect(sent.slice(1).map(({ role, tool_call_id }) => [role, tool_call_id])).toEqual([
      ["assistant", undefined],
      ["tool", "call_0"],
      ["tool", "call_1"],
    ]);
  });

  test("a tool that has to be called is called", async () => {
    door.stack.fake.script([{ toolCalls: [{ name: "weather", arguments: { city: "Rom" } }] }]);
    const { toolCalls } = await generateText({
      ...{ model: at("openai/fake"), tools: { weather }, prompt: "x" },
      toolChoice: { type: "tool", toolName: "weather" },
    });
    expect(toolCalls).toMatchObject([{ toolName: "weather", input: { city: "Rom" } }]);
    expect(door.stack.fake.requests.at(-1)?.body.tool_choice).toEqual({
      type: "function",
      function: { name: "weather" },
    });
  });

  test("an object comes as its schema says, whole and streamed", async () => {
    const output = Output.object({ schema: z.object({ name: z.string(), age: z.number() }) });
    const answer = () => ({ text: ['{"name":"Ada",', '"age":36}'] });
    door.stack.fake.script(answer);
    const asked = { model: at("openai/fake"), output, prompt: "who?" };
    expect((await generateText(asked)).output).toEqual({ name: "Ada", age: 36 });
    expect(door.stack.fake.requests.at(-1)?.body.response_format).toMatchObject({
      type: "json_schema",
      json_schema: { schema: { properties: { age: { type: "number" } } } },
    });
    expect(await streamText(asked).output).toEqual({ name: "Ada", age: 36 });
  });

  test("a conversation goes on with the SDK's own form of what was said", async () => {
    const first = await generateText({ model: at("openai/fake"), prompt: "my name is Ada" });
    const { text } = await generateText({
      model: at("openai/fake"),
      messages: [
        { role: "user", content: "my name is Ada" },
        ...first.response.messages,
        { role: "user", content: [{ type: "text", text: "and now" }] },
      ],
    });
    expect(text).toBe("echo: and now");
  });
});

describe("what goes wrong", () => {
  const prompt = "x";

  test("a wrong key, an unknown model, a field that nobody knows", async () => {
    const wrongKey = await refusal(generateText({ model: at("openai/fake", "mj_wrong"), prompt, ...once }));
    expect([wrongKey.statusCode, wrongKey.isRetryable]).toEqual([401, false]);
    const unknown = await refusal(generateText({ model: at("nobody"), prompt, ...once }));
    expect([unknown.statusCode, unknown.data]).toMatchObject([404, { error: { code: "model_not_found" } }]);
    const withTools = { model: at("macjarvis"), tools: { weather }, prompt, ...once };
    const ofAgent = await refusal(generateText(withTools));
    expect([ofAgent.statusCode, ofAgent.message]).toEqual([400, expect.stringContaining("model alone")]);
  });

  test("a vendor that refuses has its status; one that breaks off is an error in the stream", async () => {
    const body = {
      error: { message: "maximum context length is 100 tokens", code: "context_length_exceeded" },
    };
    door.stack.fake.script([{ fault: { type: "status", status: 400, body } }]);
    const refused = await refusal(generateText({ model: at("openai/fake"), prompt, ...once }));
    expect([refused.statusCode, refused.data]).toMatchObject([
      400,
      { error: { code: "context_length_exceeded" } },
    ]);
    door.stack.fake.script([{ text: ["one ", "two ", "three"], fault: { type: "cut_after", pieces: 2 } }]);
    const seen: string[] = [];
    const stream = streamText({ model: at("openai/fake"), prompt, onError: () => undefined, ...once });
    for await (const part of stream.fullStream)
      seen.push(part.type === "text-delta" ? part.text : part.type === "error" ? String(part.error) : "");
    expect(seen.join("")).toMatch(/^one two .*broke off/s);
  });

  test("a limit says when to come again", async () => {
    await door.whileLimited(async () => {
      const error = await refusal(generateText({ model: at("openai/fake"), prompt, ...once }));
      expect([error.statusCode, error.data]).toMatchObject([429, { error: { code: "insufficient_quota" } }]);
      expect(Number(error.responseHeaders?.["retry-after"])).toBeGreaterThan(0);
      expect(error.responseHeaders?.["x-ratelimit-limit-requests"]).toBe("1");
    });
  });

  test("who aborts ends the run", async () => {
    const gate = Promise.withResolvers<void>();
    const leaving = new AbortController();
    door.stack.fake.script([{ text: ["one ", "two"], gate: gate.promise, gateAfter: 1 }]);
    const stream = streamText({ model: at("openai/fake"), prompt: "long", abortSignal: leaving.signal });
    for await (const piece of stream.textStream) if (piece === "one ") leaving.abort();
    await door.newestIs("cancelled");
    gate.resolve();
  });

  test("a server that dies in the middle: the SDK asks again with its key and gets the answer of the one run", async () => {
    const gate = Promise.withResolvers<void>();
    const before = (await door.runs()).length;
    door.stack.fake.script([{ text: "lost", gate: gate.promise }, { text: "the answer" }]);
    const asked = generateText({
      ...{ model: at("openai/fake"), prompt: "through a crash", maxRetries: 8 },
      headers: { "Idempotency-Key": "ai-sdk-through-a-crash" },
    });
    await door.stack.fake.waitForRequest(({ heard }) => heard.message === "through a crash");
    await door.restart();
    gate.resolve();
    expect((await asked).text).toBe("the answer");
    expect((await door.runs()).length).toBe(before + 1);
  });
});
