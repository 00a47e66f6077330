import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { ModelProvider } from "../../../../contracts/models.ts";
import { requestBody } from "../../../../plugins/models/openai/request.ts";
import { openaiProvider } from "../../../../plugins/models/openai.ts";
import { type FakeModel, startFakeModel } from "../../../support/fake-model-server.ts";
import { ask } from "./ask-provider.ts";

let fake: FakeModel;
let provider: ModelProvider;
beforeAll(async () => {
  fake = await startFakeModel();
  provider = openaiProvider({ baseUrl: `${fake.url}/v1`, apiKey: "sk-canary" });
});
afterAll(() => fake.close());
beforeEach(() => {
  fake.script();
  fake.requests.length = 0;
});

const data = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
const delta = (value: unknown, finish: string | null = null): string =>
  data({ choices: [{ index: 0, delta: value, finish_reason: finish }] });
const DONE = "data: [DONE]\n\n";
const piece = (value: Record<string, unknown>): string => delta({ tool_calls: [value] });

describe("what is asked", () => {
  test("an earlier answer of nothing at all is left out: several servers refuse it, and with it the whole session", async () => {
    await ask(provider, {
      model: "any",
      messages: [
        { role: "user", content: "one" },
        { role: "assistant", content: "" },
        { role: "user", content: "two" },
        { role: "assistant", content: " \n" },
        { role: "user", content: "three" },
      ],
      tools: [],
    });
    expect(fake.requests[0]?.body.messages).toEqual([
      { role: "user", content: "one" },
      { role: "user", content: "two" },
      { role: "user", content: "three" },
    ]);
  });

  test("messages, tools and limits are in OpenAI's words, with the key in the header only", async () => {
    await ask(provider, {
      model: "meta-llama/llama-3",
      maxOutputTokens: 50,
      messages: [
        { role: "system", content: "be brief" },
        { role: "user", content: "go" },
        {
          role: "assistant",
          content: "",
          tool_calls: [{ wire_id: "call_1", name: "read_file", arguments: '{"path":"a"}' }],
        },
        { role: "tool", wire_id: "call_1", name: "read_file", content: "text" },
      ],
      tools: [{ name: "read_file", description: "reads", parameters: { type: "object" } }],
    });
    const [request] = fake.requests;
    expect(request?.path).toBe("/v1/chat/completions");
    expect(request?.headers.authorization).toBe("Bearer sk-canary");
    expect(request?.body).toEqual({
      model: "meta-llama/llama-3",
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 50,
      messages: [
        { role: "system", content: "be brief" },
        { role: "user", content: "go" },
        {
          role: "assistant",
          content: null,
          tool_calls: [
            { id: "call_1", type: "function", function: { name: "read_file", arguments: '{"path":"a"}' } },
          ],
        },
        { role: "tool", tool_call_id: "call_1", content: "text" },
      ],
      tools: [
        {
          type: "function",
          function: { name: "read_file", description: "reads", parameters: { type: "object" } },
        },
      ],
    });
  });

  test("calls with the same or no id get ids of their own, and their results follow them in order", async () => {
    await ask(provider, {
      messages: [
        { role: "user", content: "go" },
        {
          role: "assistant",
          content: "",
          tool_calls: [
            { wire_id: "same", name: "a", arguments: "{}" },
            { wire_id: "same", name: "b", arguments: "{}" },
            { wire_id: "", name: "c", arguments: "{}" },
          ],
        },
        { role: "tool", wire_id: "same", name: "a", content: "of a" },
        { role: "tool", wire_id: "same", name: "b", content: "of b" },
        { role: "tool", wire_id: "", name: "c", content: "of c" },
      ],
    });
    const messages = fake.requests[0]?.body.messages as Record<string, unknown>[];
    const calls = messages[1]?.tool_calls as { id: string }[];
    const ids = calls.map((call) => call.id);
    expect(new Set(ids).size).toBe(3);
    expect(messages.slice(2).map((message) => message.tool_call_id)).toEqual(ids);
  });

  test("an id that an earlier step has used already is not used again: Anthropic refuses it", async () => {
    const step = (content: string) => [
      {
        role: "assistant" as const,
        content: "",
        tool_calls: [{ wire_id: "one", name: "a", arguments: "{}" }],
      },
      { role: "tool" as const, wire_id: "one", name: "a", content },
    ];
    await ask(provider, { messages: [{ role: "user", content: "go" }, ...step("first"), ...step("second")] });
    const messages = fake.requests[0]?.body.messages as {
      tool_calls?: { id: string }[];
      tool_call_id?: string;
    }[];
    const made = messages.flatMap((message) => message.tool_calls ?? []).map((call) => call.id);
    expect(new Set(made).size).toBe(2);
    expect(messages.flatMap((message) => message.tool_call_id ?? [])).toEqual(made);
  });

  test("malformed arguments of an earlier call go back as a valid object, so that servers that parse them do not fail", async () => {
    await ask(provider, {
      messages: [
        { role: "user", content: "go" },
        {
          role: "assistant",
          content: "",
          tool_calls: [{ wire_id: "x", name: "a", arguments: '{"path": "/tm' }],
        },
        { role: "tool", wire_id: "x", name: "a", content: "invalid" },
      ],
    });
    const messages = fake.requests[0]?.body.messages as {
      tool_calls?: { function: { arguments: string } }[];
    }[];
    const sent = messages[1]?.tool_calls?.[0]?.function.arguments ?? "";
    expect(JSON.parse(sent)).toEqual({ malformed_arguments: '{"path": "/tm' });
  });

  test("arguments nested deeper than can be written go back as text", async () => {
    const deep = `{"a":${"[".repeat(20_000)}${"]".repeat(20_000)}}`;
    const messages = [
      { role: "user" as const, content: "go" },
      { role: "assistant" as const, content: "", tool_calls: [{ wire_id: "x", name: "a", arguments: deep }] },
      { role: "tool" as const, wire_id: "x", name: "a", content: "no" },
    ];
    expect((await ask(provider, { messages })).error).toBeUndefined();
    expect(JSON.stringify(fake.requests[0]?.body)).toContain("malformed_arguments");
  });

  test("OpenAI itself gets its newer names, Gemini the signature its calls need", async () => {
    const calls = [
      { role: "user" as const, content: "go" },
      { role: "assistant" as const, content: "", tool_calls: [{ wire_id: "x", name: "a", arguments: "{}" }] },
      { role: "tool" as const, wire_id: "x", name: "a", content: "done" },
    ];
    const request = {
      model: "gpt-6-luna",
      messages: calls,
      tools: [{ name: "a", description: "", parameters: {} }],
      maxOutputTokens: 10,
      signal: new AbortController().signal,
      runId: "run_test",
    };
    const openai = JSON.parse(
      requestBody(request, { provider: "openai", isOpenAi: true, refused: new Set() }),
    );
    expect(openai).toMatchObject({ max_completion_tokens: 10, reasoning_effort: "none" });
    expect(openai.max_tokens).toBeUndefined();
    const gemini = openaiProvider({ baseUrl: `${fake.url}/v1beta/openai/`, apiKey: "k", name: "gemini" });
    await ask(gemini, request);
    expect(fake.requests[0]?.path).toBe("/v1beta/openai/chat/completions");
    expect(JSON.stringify(fake.requests[0]?.body)).toContain("thought_signature");
    expect(fake.requests[0]?.body.max_tokens).toBe(10);
  });

  test("without a key no authorization is sent", async () => {
    const open = openaiProvider({ baseUrl: `${fake.url}/v1` });
    const said = await ask(open);
    expect(said.text).toBe("echo: hello");
    expect(fake.requests[0]?.headers.authorization).toBeUndefined();
  });

  test("connections are used again", async () => {
    const ports = new Set<unknown>();
    for (let index = 0; index < 12; index += 1) {
      await ask(provider);
      ports.add(fake.requests.at(-1)?.clientPort);
    }
    expect(ports.size).toBeLessThan(6);
  });
});

describe("what servers answer", () => {
  test("reasoning, text, parallel calls, usage and the end come in their order", async () => {
    fake.script([
      {
        reasoning: ["think ", "hard"],
        text: ["I ", "look"],
        toolCalls: [
          { name: "a", arguments: { path: "x" } },
          { name: "b", arguments: "{}" },
        ],
        usage: { input: 7, output: 9 },
      },
    ]);
    const said = await ask(provider);
    expect(said).toMatchObject({
      reasoning: "think hard",
      text: "I look",
      calls: [
        { wire_id: "call_0", name: "a", arguments: '{"path":"x"}' },
        { wire_id: "call_1", name: "b", arguments: "{}" },
      ],
      usage: { input_tokens: 7, output_tokens: 9 },
      end: "tool_calls",
      error: undefined,
    });
    expect(said.chunks.map((chunk) => chunk.type)).toEqual([
      "reasoning",
      "reasoning",
      "text",
      "text",
      "tool_call",
      "tool_call",
      "kept",
      "usage",
      "end",
    ]);
    expect(said.activity).toBeGreaterThan(0);
  });

  const whole = '{"a":1}';
  const euro = Buffer.from(`${delta({ content: "10 €" })}${delta({}, "stop")}`);
  const split = euro.indexOf(0xe2) + 1;
  const cases: [string, { raw: (string | Buffer)[]; contentType?: string }, Record<string, unknown>][] = [
    [
      "usage left out",
      { raw: [delta({ content: "hi" }), delta({}, "stop"), DONE] },
      { text: "hi", end: "stop", usage: undefined },
    ],
    [
      "usage in every chunk: the last counts",
      {
        raw: [
          data({
            choices: [{ delta: { content: "hi" } }],
            usage: { prompt_tokens: 3, completion_tokens: 1 },
          }),
          data({
            choices: [{ delta: {}, finish_reason: "stop" }],
            usage: { prompt_tokens: 3, completion_tokens: 2 },
          }),
          DONE,
        ],
      },
      { text: "hi", usage: { input_tokens: 3, output_tokens: 2 } },
    ],
    ["finish_reason never", { raw: [delta({ content: "hi" }), DONE] }, { text: "hi", end: "stop" }],
    [
      "finish_reason late, after an empty choice list",
      { raw: [delta({ content: "hi" }), data({ choices: [] }), delta({}, "length"), DONE] },
      { text: "hi", end: "length" },
    ],
    ["[DONE] never", { raw: [delta({ content: "hi" }), delta({}, "stop")] }, { text: "hi", end: "stop" }],
    [
      "the last line without a line end",
      { raw: [delta({ content: "hi" }), "data: [DONE]"] },
      { text: "hi", end: "stop" },
    ],
    [
      "CRLF",
      { raw: [(delta({ content: "a" }) + delta({ content: "b" }, "stop") + DONE).replaceAll("\n", "\r\n")] },
      { text: "ab" },
    ],
    [
      "CRLF split between CR and LF",
      { raw: [`data: {"choices":[{"delta":{"content":"a"}}]}\r`, "\n\r", "\n", delta({}, "stop"), DONE] },
      { text: "a" },
    ],
    [
      "comments, ids, event names and no space after the colon",
      {
        raw: [
          ": OPENROUTER PROCESSING\n\n",
          ":\n\n",
          'event: message\nid: 7\ndata:{"choices":[{"delta":{"content":"a"}}]}\n\n',
          `: more\n${delta({}, "stop")}`,
          DONE,
        ],
      },
      { text: "a", end: "stop" },
    ],
    [
      "a character split over chunks",
      { raw: [euro.subarray(0, split), euro.subarray(split, split + 1), euro.subarray(split + 1), DONE] },
      { text: "10 €" },
    ],
    [
      "an event split anywhere",
      { raw: [...`${delta({ content: "abc" })}${DONE}`].map((character) => character) },
      { text: "abc" },
    ],
    [
      "many events in one chunk",
      { raw: [`${delta({ content: "a" })}${delta({ content: "b" })}${delta({ content: "c" })}${DONE}`] },
      { text: "abc" },
    ],
    [
      "null and empty deltas",
      {
        raw: [
          delta({ role: "assistant", content: null }),
          delta({ content: "" }),
          delta({ content: "x" }),
          DONE,
        ],
      },
      { text: "x" },
    ],
    [
      "reasoning under its other name",
      { raw: [delta({ reasoning: "r1", content: "" }), delta({ content: "t" }), DONE] },
      { reasoning: "r1", text: "t" },
    ],
    [
      "reasoning under both names at once is not doubled",
      { raw: [delta({ reasoning: "r", reasoning_content: "r" }), delta({ content: "t" }), DONE] },
      { reasoning: "r" },
    ],
    [
      "content as a list of parts",
      {
        raw: [
          delta({
            content: [
              { type: "text", text: "a" },
              { type: "text", text: "b" },
            ],
          }),
          DONE,
        ],
      },
      { text: "ab" },
    ],
    [
      "the wrong content type",
      { raw: [delta({ content: "a" }), DONE], contentType: "application/json" },
      { text: "a" },
    ],
    [
      "arguments whole",
      {
        raw: [
          piece({ index: 0, id: "i", function: { name: "t", arguments: whole } }),
          delta({}, "tool_calls"),
          DONE,
        ],
      },
      { calls: [{ wire_id: "i", name: "t", arguments: whole }], end: "tool_calls" },
    ],
    [
      "arguments as an object",
      { raw: [piece({ index: 0, id: "i", function: { name: "t", arguments: { a: 1 } } }), DONE] },
      { calls: [{ wire_id: "i", name: "t", arguments: whole }], end: "tool_calls" },
    ],
    [
      "ids left out",
      {
        raw: [
          piece({ index: 0, function: { name: "t", arguments: '{"a"' } }),
          piece({ index: 0, function: { arguments: ":1}" } }),
          piece({ index: 1, function: { name: "u", arguments: "{}" } }),
          DONE,
        ],
      },
      {
        calls: [
          { wire_id: "", name: "t", arguments: whole },
          { wire_id: "", name: "u", arguments: "{}" },
        ],
      },
    ],
    [
      "the same number for every call, with ids",
      {
        raw: [
          piece({ index: 0, id: "1", function: { name: "t", arguments: whole } }),
          piece({ index: 0, id: "2", function: { name: "t", arguments: '{"a":2}' } }),
          DONE,
        ],
      },
      {
        calls: [
          { wire_id: "1", name: "t", arguments: whole },
          { wire_id: "2", name: "t", arguments: '{"a":2}' },
        ],
      },
    ],
    [
      "the same number for every call, with ids, in pieces",
      {
        raw: [
          piece({ index: 0, id: "1", function: { name: "t", arguments: "" } }),
          piece({ index: 0, id: "2", function: { name: "u", arguments: "" } }),
          piece({ index: 0, function: { arguments: whole } }),
          DONE,
        ],
      },
      {
        calls: [
          { wire_id: "1", name: "t", arguments: "" },
          { wire_id: "2", name: "u", arguments: whole },
        ],
      },
    ],
    [
      "a new id with every piece of one call",
      {
        raw: [
          piece({ index: 0, id: "1", function: { name: "t", arguments: '{"a"' } }),
          piece({ index: 0, id: "2", function: { arguments: ":1}" } }),
          piece({ id: "3", function: { arguments: " " } }),
          DONE,
        ],
      },
      { calls: [{ wire_id: "1", name: "t", arguments: `${whole} ` }] },
    ],
    [
      "the same number and the same id for every call",
      {
        raw: [
          piece({ index: 0, id: "x", function: { name: "t", arguments: whole } }),
          piece({ index: 0, id: "x", function: { name: "u", arguments: "{}" } }),
          DONE,
        ],
      },
      {
        calls: [
          { wire_id: "x", name: "t", arguments: whole },
          { wire_id: "x", name: "u", arguments: "{}" },
        ],
      },
    ],
    [
      "the same id under different numbers, mixed",
      {
        raw: [
          piece({ index: 0, id: "x", function: { name: "t", arguments: "" } }),
          piece({ index: 1, id: "x", function: { name: "u", arguments: "" } }),
          piece({ index: 0, function: { arguments: whole } }),
          piece({ index: 1, function: { arguments: "{}" } }),
          DONE,
        ],
      },
      {
        calls: [
          { wire_id: "x", name: "t", arguments: whole },
          { wire_id: "x", name: "u", arguments: "{}" },
        ],
      },
    ],
    [
      "no numbers, only ids",
      {
        raw: [
          piece({ id: "1", function: { name: "t", arguments: '{"a"' } }),
          piece({ id: "1", function: { arguments: ":1}" } }),
          piece({ id: "2", function: { name: "u", arguments: "{}" } }),
          DONE,
        ],
      },
      {
        calls: [
          { wire_id: "1", name: "t", arguments: whole },
          { wire_id: "2", name: "u", arguments: "{}" },
        ],
      },
    ],
    [
      "neither numbers nor ids",
      {
        raw: [
          piece({ function: { name: "t", arguments: '{"a"' } }),
          piece({ function: { arguments: ":1}" } }),
          piece({ function: { name: "u", arguments: "{}" } }),
          DONE,
        ],
      },
      {
        calls: [
          { wire_id: "", name: "t", arguments: whole },
          { wire_id: "", name: "u", arguments: "{}" },
        ],
      },
    ],
    [
      "id and name repeated with every piece",
      {
        raw: [
          piece({ index: 0, id: "1", function: { name: "t", arguments: '{"a"' } }),
          piece({ index: 0, id: "1", function: { name: "t", arguments: ":1}" } }),
          piece({ index: 0, id: "1", function: { name: "t", arguments: "" } }),
          DONE,
        ],
      },
      { calls: [{ wire_id: "1", name: "t", arguments: whole }] },
    ],
    [
      "calls with a finish_reason of stop",
      {
        raw: [
          piece({ index: 0, id: "1", function: { name: "t", arguments: whole } }),
          delta({}, "stop"),
          DONE,
        ],
      },
      { calls: [{ wire_id: "1", name: "t", arguments: whole }], end: "tool_calls" },
    ],
    [
      "arguments cut off by the limit: passed on as they are, for the agent to refuse (G14)",
      {
        raw: [
          piece({ index: 0, id: "1", function: { name: "t", arguments: '{"a":' } }),
          delta({}, "length"),
          DONE,
        ],
      },
      { calls: [{ wire_id: "1", name: "t", arguments: '{"a":' }], end: "length" },
    ],
    [
      "the whole answer in the last chunk, as `message`",
      { raw: [data({ choices: [{ message: { content: "all" }, finish_reason: "stop" }] }), DONE] },
      { text: "all", end: "stop" },
    ],
  ];
  test.each(cases)("%s", async (_name, turn, expected) => {
    fake.script([turn]);
    const said = await ask(provider);
    expect(said.error).toBeUndefined();
    expect(said).toMatchObject(expected);
    expect(said.chunks.at(-1)?.type).toBe("end");
    expect(said.chunks.filter((chunk) => chunk.type === "text" && chunk.text === "")).toEqual([]);
  });

  test("plain JSON instead of a stream, with calls, reasoning and usage", async () => {
    fake.script([
      {
        whole: true,
        text: "hi",
        reasoning: "r",
        toolCalls: [{ name: "t", arguments: { a: 1 } }],
        usage: { input: 4, output: 5 },
      },
    ]);
    const said = await ask(provider);
    expect(said).toMatchObject({
      text: "hi",
      reasoning: "r",
      calls: [{ wire_id: "call_0", name: "t", arguments: whole }],
      usage: { input_tokens: 4, output_tokens: 5 },
      end: "tool_calls",
    });
  });

  test("a server that never ends the response after [DONE] does not keep us waiting", async () => {
    fake.script([{ text: ["a", "b"], finish: "stop", fault: { type: "garbage", after: 1, text: DONE } }]);
    expect((await ask(provider)).text).toBe("a");
    const never = new Promise<never>(() => undefined);
    fake.script([{ raw: [delta({ content: "x" }), DONE], rawGate: never }]);
    const said = await ask(provider);
    expect(said).toMatchObject({ text: "x", end: "stop" });
    const request = fake.requests.at(-1);
    await request?.gone;
    expect(request?.closed).toBe(true);
  });
});
