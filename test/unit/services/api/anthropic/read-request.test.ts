// A request of Anthropic's in our own words.
import { describe, expect, test } from "@jest/globals";
import { messagesBody } from "../../../../../contracts/anthropic.ts";
import { messagesOf, parametersOf, toolsOf } from "../../../../../services/api/anthropic/read-request.ts";

const CLAUDE = "anthropic/claude";
const body = (more: Record<string, unknown> = {}) =>
  messagesBody.parse({
    model: CLAUDE,
    max_tokens: 100,
    messages: [{ role: "user", content: "hello" }],
    ...more,
  });
const messages = (...list: unknown[]) => messagesOf(body({ messages: list }), { model: CLAUDE });
const user = (content: unknown) => ({ role: "user", content });
const assistant = (content: unknown) => ({ role: "assistant", content });
const text = (value: string, more: object = {}) => ({ type: "text", text: value, ...more });
const use = (id: string, more: object = {}) => ({
  type: "tool_use",
  id,
  name: "look",
  input: { at: id },
  ...more,
});
const result = (id: string, more: object = {}) => ({
  type: "tool_result",
  tool_use_id: id,
  content: "seen",
  ...more,
});
const cache_control = { type: "ephemeral" };
const picture = { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } };

describe("messages", () => {
  test("texts, as strings and as single blocks, are the content", () => {
    expect(messages(user("a"), assistant("b"), user([text("c")]), assistant([text("d")]), user("e"))).toEqual(
      [
        { role: "user", content: "a" },
        { role: "assistant", content: "b" },
        { role: "user", content: "c" },
        { role: "assistant", content: "d" },
        { role: "user", content: "e" },
      ],
    );
  });

  test("several blocks of the user are parts in their order, with pictures and marks for the cache", () => {
    const url = { type: "image", source: { type: "url", url: "https://example.com/a.png" } };
    expect(messages(user([text("a"), picture, url, text("b", { cache_control })]))).toEqual([
      {
        role: "user",
        content: "",
        parts: [
          { type: "text", text: "a" },
          { type: "image", image: { media_type: "image/png", data: "AAAA" } },
          { type: "image", image: { url: "https://example.com/a.png" } },
          { type: "text", text: "b", cache_control },
        ],
      },
    ]);
  });

  test("results find their calls; words of the user stand behind them", () => {
    const said = messages(
      user("go"),
      assistant([text("I look."), use("t1"), use("t2")]),
      user([
        result("t2", { content: [text("x"), picture, text("y")], is_error: true }),
        result("t1", { content: undefined, cache_control }),
        text("and?"),
      ]),
    );
    expect(said.slice(1)).toEqual([
      {
        role: "assistant",
        content: "I look.",
        tool_calls: [
          { wire_id: "t1", name: "look", arguments: '{"at":"t1"}' },
          { wire_id: "t2", name: "look", arguments: '{"at":"t2"}' },
        ],
      },
      {
        ...{ role: "tool", wire_id: "t2", name: "look", content: "x\ny", is_error: true },
        images: [{ media_type: "image/png", data: "AAAA" }],
      },
      { role: "tool", wire_id: "t1", name: "look", content: "", cache_control },
      { role: "user", content: "and?" },
    ]);
  });

  test("thoughts are kept for their model as they are, with the places of everything around them", () => {
    const thinking = { type: "thinking", thinking: "hm", signature: "SIGNED" };
    const sealed = { type: "redacted_thinking", data: "SEALED" };
    const [, said] = messages(
      user("go"),
      assistant([thinking, sealed, text("I look."), use("t1"), thinking, use("t2", { cache_control })]),
      user([result("t1"), result("t2")]),
    );
    expect(said).toMatchObject({
      content: "I look.",
      kept: {
        by: CLAUDE,
        value: [
          thinking,
          sealed,
          text("I look."),
          { type: "call", index: 0 },
          thinking,
          { type: "call", index: 1, cache_control },
        ],
      },
    });
  });

  test("what the system says comes first, each block for itself", () => {
    const system = [text("a", { cache_control }), text("b")];
    expect(messagesOf(body({ system }), { model: CLAUDE }).slice(0, 2)).toEqual([
      { role: "system", content: "a", cache_control },
      { role: "system", content: "b" },
    ]);
    expect(messagesOf(body({ system: "a" }), { model: CLAUDE })[0]).toEqual({ role: "system", content: "a" });
    expect(messagesOf(body({ system: "" }), { model: CLAUDE })).toHaveLength(1);
  });

  test.each([
    [
      "of no call",
      [user("go"), assistant([use("t1")]), user([result("t1"), result("t9")])],
      "messages.2.content.1.tool_use_id",
    ],
    [
      "twice",
      [user("go"), assistant([use("t1")]), user([result("t1"), result("t1")])],
      "messages.2.content.1.tool_use_id",
    ],
    [
      "of an earlier turn",
      [user("go"), assistant([use("t1")]), user([result("t1")]), assistant("x"), user([result("t1")])],
      "messages.4.content.0.tool_use_id",
    ],
    [
      "behind words",
      [user("go"), assistant([use("t1")]), user([text("x"), result("t1")])],
      "messages.2.content.1",
    ],
    ["missing", [user("go"), assistant([use("t1"), use("t2")]), user([result("t1")])], "messages.2"],
    ["missing before words", [user("go"), assistant([use("t1")]), user("x")], "messages.2"],
    ["missing at the end", [user("go"), assistant([use("t1")])], "messages.2"],
    [
      "of a call that is there twice",
      [user("go"), assistant([use("t1"), use("t1")]), user([result("t1")])],
      "messages.1.content.1.id",
    ],
  ])("a result %s is refused with its place", (_what, list, path) => {
    expect(() => messages(...list)).toThrow(
      expect.objectContaining({
        type: "invalid_request",
        data: { errors: [expect.objectContaining({ path })] },
      }),
    );
  });
});

test("tools and parameters have their counterparts", () => {
  const input_schema = { type: "object", properties: { at: { type: "string" } } };
  const asked = body({
    tools: [{ name: "look", description: "looks", input_schema, cache_control, strict: true }],
    tool_choice: { type: "any", disable_parallel_tool_use: true },
    ...{ temperature: 0.5, top_p: 0.9, top_k: 5, stop_sequences: ["END"] },
    thinking: { type: "enabled", budget_tokens: 2_000 },
    output_config: { effort: "low", format: { type: "json_schema", schema: { type: "object" } } },
    metadata: { user_id: "somebody" },
  });
  expect(toolsOf(asked.tools ?? [])).toEqual([
    { name: "look", description: "looks", parameters: input_schema, strict: true, cache_control },
  ]);
  expect(parametersOf(asked, ["interleaved-thinking-2025-05-14"])).toEqual({
    ...{ max_output_tokens: 100, temperature: 0.5, top_p: 0.9, top_k: 5, stop: ["END"] },
    ...{ tool_choice: "required", parallel_tool_calls: false },
    thinking: { type: "enabled", budget_tokens: 2_000 },
    reasoning_effort: "low",
    response_format: { type: "json_schema", json_schema: { name: "answer", schema: { type: "object" } } },
    betas: ["interleaved-thinking-2025-05-14"],
  });
  const tools = [{ name: "look", input_schema }];
  expect(parametersOf(body({ tools, tool_choice: { type: "tool", name: "look" } }), [])).toEqual({
    max_output_tokens: 100,
    tool_choice: { name: "look" },
  });
  // Where there is nothing to choose from there is no choice.
  expect(parametersOf(body({ tool_choice: { type: "auto" } }), [])).toEqual({ max_output_tokens: 100 });
});
