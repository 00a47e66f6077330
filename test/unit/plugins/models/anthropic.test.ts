import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { ModelProvider } from "../../../../contracts/models.ts";
import { anthropicProvider } from "../../../../plugins/models/anthropic.ts";
import { type FakeModel, startFakeModel } from "../../../support/fake-model-server.ts";
import { ask } from "./ask-provider.ts";

let fake: FakeModel;
let provider: ModelProvider;
beforeAll(async () => {
  fake = await startFakeModel();
  provider = anthropicProvider({ baseUrl: `${fake.url}/v1`, apiKey: "sk-canary" });
});
afterAll(() => fake.close());
beforeEach(() => {
  fake.script();
  fake.requests.length = 0;
});

const event = (value: { type: string; [key: string]: unknown }): string =>
  `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`;

/** The id that the first call of the request was given. */
function idOf(body: Record<string, unknown> | undefined): string {
  const turns = (body?.messages ?? []) as { content: { type: string; id?: string }[] }[];
  return turns.flatMap(({ content }) => content).find(({ type }) => type === "tool_use")?.id ?? "";
}

describe("what is asked", () => {
  test("system prompt, tools, results of parallel calls in one user turn, and a limit", async () => {
    await ask(provider, {
      model: "claude-haiku-4-5",
      messages: [
        { role: "system", content: "be brief" },
        { role: "user", content: "go" },
        {
          role: "assistant",
          content: "I look",
          tool_calls: [
            { wire_id: "functions.a:0", name: "a", arguments: '{"x":1}' },
            { wire_id: "toolu_2", name: "b", arguments: "not json" },
          ],
        },
        { role: "tool", wire_id: "functions.a:0", name: "a", content: "one" },
        { role: "tool", wire_id: "toolu_2", name: "b", content: "" },
        { role: "user", content: "and now?" },
      ],
      tools: [{ name: "a", description: "does a", parameters: { type: "object" } }],
    });
    const [request] = fake.requests;
    expect(request?.path).toBe("/v1/messages");
    expect(request?.headers["x-api-key"]).toBe("sk-canary");
    expect(request?.headers["anthropic-version"]).toBeDefined();
    expect(request?.body).toEqual({
      model: "claude-haiku-4-5",
      max_tokens: 32_000,
      stream: true,
      system: "be brief",
      tools: [{ name: "a", description: "does a", input_schema: { type: "object", properties: {} } }],
      messages: [
        { role: "user", content: [{ type: "text", text: "go" }] },
        {
          role: "assistant",
          content: [
            { type: "text", text: "I look" },
            { type: "tool_use", id: expect.stringMatching(/^[a-zA-Z0-9]{9}$/), name: "a", input: { x: 1 } },
            { type: "tool_use", id: "toolu_2", name: "b", input: { malformed_arguments: "not json" } },
          ],
        },
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: idOf(request?.body), content: "one" },
            { type: "tool_result", tool_use_id: "toolu_2", content: "(no output)" },
            { type: "text", text: "and now?" },
          ],
        },
      ],
    });
  });

  test("roles alternate, begin and end with the user, and empty texts are left out", async () => {
    await ask(provider, {
      messages: [
        { role: "assistant", content: "left over" },
        { role: "user", content: "one" },
        { role: "user", content: "two" },
        { role: "assistant", content: "" },
        { role: "assistant", content: "broken off" },
      ],
    });
    const messages = fake.requests[0]?.body.messages as { role: string; content: { text: string }[] }[];
    expect(messages.map((message) => message.role)).toEqual([
      "user",
      "assistant",
      "user",
      "assistant",
      "user",
    ]);
    expect(messages[2]?.content.map((block) => block.text)).toEqual(["one", "two"]);
    expect(messages[3]?.content).toHaveLength(1);
  });

  test("a wanted limit is kept within what the model can give", async () => {
    await ask(provider, { model: "claude-haiku-4-5", maxOutputTokens: 1_000_000 });
    await ask(provider, { model: "claude-haiku-4-5", maxOutputTokens: 100 });
    await ask(provider, { model: "unheard-of" });
    expect(fake.requests.map((request) => request.body.max_tokens)).toEqual([64_000, 100, 8_192]);
  });
});

describe("what servers answer", () => {
  test.each([false, true])("thinking, text, calls, usage and the end (whole: %s)", async (whole) => {
    fake.script([
      {
        whole,
        reasoning: ["hm"],
        text: ["I ", "look"],
        toolCalls: [
          { name: "a", arguments: { x: 1 } },
          { name: "b", arguments: "" },
        ],
        usage: { input: 7, output: 9 },
      },
    ]);
    expect(await ask(provider)).toMatchObject({
      reasoning: "hm",
      text: "I look",
      calls: [
        { wire_id: "toolu_0", name: "a", arguments: '{"x":1}' },
        { wire_id: "toolu_1", name: "b", arguments: "{}" },
      ],
      usage: { input_tokens: 7, output_tokens: 9 },
      end: "tool_calls",
      error: undefined,
    });
  });

  test.each([
    ["end_turn", "stop"],
    ["stop_sequence", "stop"],
    ["max_tokens", "length"],
    ["model_context_window_exceeded", "length"],
    ["refusal", undefined],
    ["pause_turn", undefined],
  ])("stop reason %s is %s", async (finish, end) => {
    fake.script([{ text: "x", finish }]);
    expect((await ask(provider)).end).toBe(end);
  });

  test("cached input counts, pings and unknown events and deltas do not disturb", async () => {
    const usage = {
      input_tokens: 1,
      cache_read_input_tokens: 10,
      cache_creation_input_tokens: 100,
      output_tokens: 1,
    };
    fake.script([
      {
        raw: [
          event({ type: "message_start", message: { usage } }),
          event({ type: "ping" }),
          event({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }),
          event({ type: "content_block_delta", index: 0, delta: { type: "citations_delta", citation: {} } }),
          event({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "a" } }),
          event({ type: "some_new_event" }),
          event({ type: "content_block_stop", index: 0 }),
          event({ type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 5 } }),
          event({ type: "message_stop" }),
        ],
      },
    ]);
    expect(await ask(provider)).toMatchObject({
      text: "a",
      usage: { input_tokens: 111, output_tokens: 5 },
      end: "stop",
    });
  });

  const call = (more: object) => ({ type: "tool_use", name: "a", input: {}, ...more });
  const delta = (value: object, index?: number) =>
    event({ type: "content_block_delta", ...(index === undefined ? {} : { index }), delta: value });
  const stop = event({ type: "message_delta", delta: { stop_reason: "tool_use" } });
  const end = event({ type: "message_stop" });
  test.each<[string, string[], string[][]]>([
    [
      "blocks without numbers",
      [
        event({ type: "content_block_start", content_block: call({ id: "1" }) }),
        delta({ type: "input_json_delta", partial_json: '{"x":1}' }),
        event({ type: "content_block_start", content_block: call({ id: "2", name: "b" }) }),
        delta({ type: "input_json_delta", partial_json: '{"y":2}' }),
        stop,
        end,
      ],
      [
        ["1", "a", '{"x":1}'],
        ["2", "b", '{"y":2}'],
      ],
    ],
    [
      "arguments whole at the start, an empty object in pieces",
      [
        event({ type: "content_block_start", index: 0, content_block: call({ id: "1", input: { x: 1 } }) }),
        delta({ type: "input_json_delta", partial_json: "{}" }, 0),
        event({ type: "content_block_stop", index: 0 }),
        stop,
        end,
      ],
      [["1", "a", '{"x":1}']],
    ],
    [
      "arguments twice",
      [
        event({ type: "content_block_start", index: 0, content_block: call({ id: "1" }) }),
        delta({ type: "input_json_delta", partial_json: '{"x":1}' }, 0),
        delta({ type: "input_json_delta", partial_json: '{"x":1}' }, 0),
        stop,
        end,
      ],
      [["1", "a", '{"x":1}']],
    ],
    [
      "tools that the server runs itself, which are nobody's to run again",
      [
        event({
          type: "content_block_start",
          index: 0,
          content_block: { ...call({ id: "s" }), type: "server_tool_use", name: "web_search" },
        }),
        delta({ type: "input_json_delta", partial_json: '{"query":"x"}' }, 0),
        event({ type: "content_block_stop", index: 0 }),
        event({
          type: "content_block_start",
          index: 1,
          content_block: { type: "web_search_tool_result", tool_use_id: "s", content: [] },
        }),
        event({ type: "content_block_start", index: 2, content_block: call({ id: "1" }) }),
        event({ type: "content_block_stop", index: 2 }),
        stop,
        end,
      ],
      [["1", "a", "{}"]],
    ],
    [
      "a gateway's own end, without the vendor's",
      [
        "\ufeff",
        event({ type: "content_block_start", index: 0, content_block: call({ id: "1" }) }),
        stop,
        "data: [DONE]\n\n",
      ],
      [["1", "a", "{}"]],
    ],
  ])("%s", async (_what, raw, calls) => {
    fake.script([{ raw }]);
    const said = await ask(provider);
    expect(said.error).toBeUndefined();
    expect(said.calls.map((each) => [each.wire_id, each.name, each.arguments])).toEqual(calls);
  });

  test("truncated arguments are passed on as they are, for the agent to refuse (G14)", async () => {
    fake.script([{ toolCalls: [{ name: "a", arguments: '{"x": ' }], finish: "max_tokens" }]);
    expect(await ask(provider)).toMatchObject({
      calls: [{ name: "a", arguments: '{"x": ' }],
      end: "length",
    });
  });
});
