// The vendor's own client, unmodified, at the door for it: `@anthropic-ai/sdk` with nothing but another address.
import Anthropic from "@anthropic-ai/sdk";
import { zodOutputFormat } from "@anthropic-ai/sdk/helpers/zod";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { z } from "zod";
import { Client, register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";

const CLAUDE = "anthropic/claude-haiku-4-5";
const GPT = "openai/fake";

let stack: Stack;
let key: string;
let client: Anthropic;
const open = (more: object = {}) =>
  new Anthropic({ baseURL: `${stack.server.url}/anthropic`, apiKey: key, maxRetries: 0, ...more });

beforeAll(async () => {
  stack = await startStack({ MODELS: `${CLAUDE},${GPT}`, ANTHROPIC_API_KEY: "k" });
  await stack.restart({ ANTHROPIC_BASE_URL: stack.fake.url });
  key = await stack.server.ownerKey();
  client = open();
});
afterEach(() => {
  stack.fake.release();
  stack.fake.script();
  stack.fake.requests.length = 0;
});
afterAll(() => stack.stop());

const hello: Anthropic.MessageParam[] = [{ role: "user", content: "hello" }];
const plain = { model: CLAUDE, max_tokens: 500, messages: hello };
const owner = () => new Client(stack.server.url, key);

/** What a promise was refused with. */
async function refusal(promise: PromiseLike<unknown>): Promise<InstanceType<typeof Anthropic.APIError>> {
  try {
    await promise;
  } catch (error) {
    return error as InstanceType<typeof Anthropic.APIError>;
  }
  throw new Error("it was not refused");
}

describe("messages", () => {
  test("create", async () => {
    stack.fake.script([{ text: "Hi", usage: { input: 5, output: 2 } }]);
    const message = await client.messages.create(plain);
    expect(message).toMatchObject({
      content: [{ type: "text", text: "Hi" }],
      stop_reason: "end_turn",
      usage: { input_tokens: 5, output_tokens: 2 },
    });
    expect(message._request_id).toEqual(expect.any(String));
  });

  test("with a bearer token", async () => {
    const message = await open({ apiKey: null, authToken: key }).messages.create(plain);
    expect(message.role).toBe("assistant");
  });

  test("stream: text as it comes, the message at the end", async () => {
    const gate = Promise.withResolvers<void>();
    stack.fake.script([
      { text: ["Hi ", "there"], gate: gate.promise, gateAfter: 1, usage: { input: 5, output: 2 } },
    ]);
    const stream = client.messages.stream(plain);
    const pieces: string[] = [];
    // The second piece comes only after the first was heard here.
    stream.on("text", (piece) => {
      pieces.push(piece);
      gate.resolve();
    });
    const message = await stream.finalMessage();
    expect(pieces.join("")).toBe("Hi there");
    expect(pieces.length).toBeGreaterThan(1);
    expect(message).toMatchObject({ stop_reason: "end_turn", usage: { input_tokens: 5, output_tokens: 2 } });
  });

  test("raw events of a stream", async () => {
    const kinds: string[] = [];
    for await (const event of await client.messages.create({ ...plain, stream: true }))
      kinds.push(event.type);
    expect([kinds[0], kinds.at(-1)]).toEqual(["message_start", "message_stop"]);
  });

  test.each([CLAUDE, GPT])("parse: an object of %s as its schema says", async (model) => {
    stack.fake.script([{ text: '{"name":"Ada","age":36}' }]);
    const format = zodOutputFormat(z.object({ name: z.string(), age: z.number() }));
    const message = await client.messages.parse({ ...plain, model, output_config: { format } });
    expect(message.parsed_output).toEqual({ name: "Ada", age: 36 });
  });

  test("of the beta surface", async () => {
    const message = await client.beta.messages.create({
      ...plain,
      betas: ["interleaved-thinking-2025-05-14"],
    });
    expect(message.stop_reason).toBe("end_turn");
  });

  test("of the agent: our tools run, its text shows", async () => {
    stack.fake.script([
      { text: "I look.", toolCalls: [{ name: "get_system_info", arguments: {} }] },
      { text: "Well." },
    ]);
    const message = await client.messages.stream({ ...plain, model: `macjarvis/${GPT}` }).finalMessage();
    expect(message.content.map((block) => block.type === "text" && block.text)).toEqual(["I look.", "Well."]);
  });
});

describe("tools of the program's own", () => {
  const tools: Anthropic.Tool[] = [
    {
      name: "weather",
      description: "of a place",
      input_schema: { type: "object", properties: { at: { type: "string" } } },
    },
  ];
  const calls = [
    { id: "toolu_a", name: "weather", arguments: { at: "Rome" } },
    { id: "toolu_b", name: "weather", arguments: { at: "Oslo" } },
  ];

  test.each([CLAUDE, GPT])("are called by %s, two at once, and their results go back", async (model) => {
    stack.fake.script([{ text: "I look.", toolCalls: calls }, { text: "Warm and cold." }]);
    const first = await client.messages.stream({ ...plain, model, tools }).finalMessage();
    expect(first.stop_reason).toBe("tool_use");
    const uses = first.content.filter((block) => block.type === "tool_use");
    expect(uses.map(({ name, input }) => [name, input])).toEqual([
      ["weather", { at: "Rome" }],
      ["weather", { at: "Oslo" }],
    ]);
    const results = uses.map(({ id }) => ({
      type: "tool_result" as const,
      tool_use_id: id,
      content: `of ${id}`,
    }));
    const second = await client.messages.create({
      ...{ ...plain, model, tools },
      messages: [...hello, { role: "assistant", content: first.content }, { role: "user", content: results }],
    });
    expect(second.content).toMatchObject([{ type: "text", text: "Warm and cold." }]);
    expect(stack.fake.requests.at(-1)?.heard.results).toHaveLength(2);
  });

  test("run by the SDK's own loop", async () => {
    stack.fake.script([{ toolCalls: calls }, { text: "Warm and cold." }]);
    const asked: unknown[] = [];
    const runner = client.beta.messages.toolRunner({
      ...plain,
      tools: [
        {
          ...{ name: "weather", description: "of a place", input_schema: { type: "object", properties: {} } },
          parse: (input: unknown) => input,
          run: (input: unknown) => {
            asked.push(input);
            return "fine";
          },
        } as never,
      ],
    });
    const last = await runner;
    expect(asked).toEqual([{ at: "Rome" }, { at: "Oslo" }]);
    expect(last.content).toMatchObject([{ type: "text", text: "Warm and cold." }]);
  });
});

describe("thoughts", () => {
  const thinking = { type: "enabled", budget_tokens: 1_024 } as const;
  const data = (value: object) => `data: ${JSON.stringify(value)}\n\n`;
  const block = (index: number, content_block: object, ...deltas: object[]) =>
    data({ type: "content_block_start", index, content_block }) +
    deltas.map((delta) => data({ type: "content_block_delta", index, delta })).join("") +
    data({ type: "content_block_stop", index });
  const raw = [
    data({ type: "message_start", message: { usage: { input_tokens: 3, output_tokens: 1 } } }),
    block(
      0,
      { type: "thinking", thinking: "", signature: "" },
      { type: "thinking_delta", thinking: "let me " },
      { type: "thinking_delta", thinking: "see" },
      { type: "signature_delta", signature: "Sig+/n==" },
    ),
    block(1, { type: "redacted_thinking", data: "Sealed+/==" }),
    block(2, { type: "text", text: "" }, { type: "text_delta", text: "Seen." }),
    data({
      type: "message_delta",
      delta: { stop_reason: "end_turn", stop_sequence: null },
      usage: { output_tokens: 9 },
    }),
    data({ type: "message_stop" }),
  ];

  test.each([
    [
      "streamed",
      (params: Anthropic.MessageCreateParamsNonStreaming) => client.messages.stream(params).finalMessage(),
    ],
    ["whole", (params: Anthropic.MessageCreateParamsNonStreaming) => client.messages.create(params)],
  ])("%s, they come back to the vendor as they came from it", async (_how, ask) => {
    stack.fake.script([{ raw }]);
    const first = await ask({ ...plain, max_tokens: 2_000, thinking });
    const thoughts = [
      { type: "thinking", thinking: "let me see", signature: "Sig+/n==" },
      { type: "redacted_thinking", data: "Sealed+/==" },
    ];
    expect(first.content).toEqual([...thoughts, expect.objectContaining({ type: "text", text: "Seen." })]);
    const messages = [
      ...hello,
      { role: "assistant" as const, content: first.content },
      { role: "user" as const, content: "and?" },
    ];
    await ask({ ...plain, max_tokens: 2_000, thinking, messages });
    const sent = stack.fake.requests.at(-1)?.body.messages as { content: object[] }[];
    expect(sent[1]?.content.slice(0, 2)).toEqual(thoughts);
    expect(stack.fake.requests.at(-1)?.body.thinking).toEqual(thinking);
  });
});

describe("what goes wrong", () => {
  test.each([
    [
      "a wrong key",
      () => open({ apiKey: "mj_nope" }).messages.create(plain),
      Anthropic.AuthenticationError,
      "authentication_error",
    ],
    [
      "an unknown model",
      () => client.messages.create({ ...plain, model: "claude-9" }),
      Anthropic.NotFoundError,
      "not_found_error",
    ],
    [
      "a bad question",
      () => client.messages.create({ ...plain, max_tokens: 0 }),
      Anthropic.BadRequestError,
      "invalid_request_error",
    ],
    [
      "an unknown beta",
      () => client.beta.messages.create({ ...plain, betas: ["fast-mode-2026-02-01"] }),
      Anthropic.BadRequestError,
      "invalid_request_error",
    ],
  ])("%s", async (_what, ask, kind, type) => {
    const error = await refusal(ask());
    expect(error).toBeInstanceOf(kind);
    expect(error.type).toBe(type);
    expect(error.requestID).toEqual(expect.any(String));
  });

  test("a plan's limit, which the SDK waits for as it is told", async () => {
    const user = await register(stack.server.url);
    await owner().call("PATCH", `/admin/users/${user.id}`, { limits: { runs_per_day: 1 } });
    const theirs = open({ apiKey: user.token });
    await theirs.messages.create(plain);
    const error = await refusal(theirs.messages.create(plain));
    expect(error).toBeInstanceOf(Anthropic.RateLimitError);
    expect(error.type).toBe("rate_limit_error");
    expect(Number(error.headers?.get("retry-after"))).toBeGreaterThan(0);
  });

  test("a vendor that breaks off in the middle", async () => {
    stack.fake.script([{ text: ["Hi ", "there", "!"], fault: { type: "cut_after", pieces: 1 } }]);
    const error = await refusal(client.messages.stream(plain).finalMessage());
    expect(error).toBeInstanceOf(Anthropic.APIError);
    expect(error.type).toBe("api_error");
  });

  test("abort: the vendor is not asked any more", async () => {
    const gate = Promise.withResolvers<void>();
    stack.fake.script([{ text: ["Hi ", "there"], gate: gate.promise, gateAfter: 1 }]);
    const stream = client.messages.stream(plain);
    stream.on("text", () => stream.abort());
    expect(await refusal(stream.finalMessage())).toBeInstanceOf(Anthropic.APIUserAbortError);
    const asked = await stack.fake.waitForRequest();
    await asked.gone;
    gate.resolve();
    expect(asked.closed).toBe(true);
  });

  test("a server that dies in the middle of a stream: the SDK says so, and its next question is answered", async () => {
    const gate = Promise.withResolvers<void>();
    stack.fake.script([{ text: ["Hi ", "there"], gate: gate.promise, gateAfter: 1 }]);
    const stream = client.messages.stream(plain);
    const heard = new Promise((resolve) => stream.once("text", resolve));
    const refused = refusal(stream.finalMessage());
    await heard;
    await stack.restart();
    gate.resolve();
    expect(await refused).toBeInstanceOf(Anthropic.AnthropicError);
    client = open();
    stack.fake.script();
    expect((await client.messages.create(plain)).stop_reason).toBe("end_turn");
  });

  test("a server that dies while an answer is made whole: the same Idempotency-Key gets that answer", async () => {
    const gate = Promise.withResolvers<void>();
    stack.fake.script([{ text: "lost", gate: gate.promise }, { text: "the answer" }]);
    const options = { headers: { "idempotency-key": "through-a-crash" } };
    const refused = refusal(client.messages.create(plain, options));
    await stack.fake.waitForRequest();
    await stack.restart();
    gate.resolve();
    expect(await refused).toBeInstanceOf(Anthropic.APIConnectionError);
    client = open();
    const message = await client.messages.create(plain, options);
    expect(message.content).toMatchObject([{ type: "text", text: "the answer" }]);
    // One run, asked again by the server itself after its start.
    expect(stack.fake.requests).toHaveLength(2);
  });
});

test("count tokens", async () => {
  stack.fake.script([{ raw: ['{"input_tokens":42}'], contentType: "application/json" }]);
  expect(await client.messages.countTokens({ model: CLAUDE, messages: hello })).toEqual({ input_tokens: 42 });
  const estimated = await client.messages.countTokens({ model: GPT, messages: hello }).asResponse();
  expect(estimated.headers.get("x-token-count")).toBe("estimated");
});

test("models: listed, paged by the SDK, retrieved", async () => {
  // A server that has answered is there, however busy this machine was when it was looked at.
  for (const model of [CLAUDE, GPT]) await client.messages.create({ ...plain, model });
  const ids: string[] = [];
  for await (const model of client.models.list({ limit: 2 })) ids.push(model.id);
  expect((await client.beta.models.list()).data.map(({ id }) => id)).toEqual(ids);
  expect(ids).toEqual(expect.arrayContaining(["macjarvis", `macjarvis/${CLAUDE}`, CLAUDE, GPT]));
  expect(new Set(ids).size).toBe(ids.length);
  expect(await client.models.retrieve(`macjarvis/${GPT}`)).toMatchObject({
    id: `macjarvis/${GPT}`,
    type: "model",
  });
  expect(await refusal(client.models.retrieve("nope"))).toBeInstanceOf(Anthropic.NotFoundError);
});
