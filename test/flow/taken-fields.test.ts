// What real programs send to the doors for OpenAI's and Anthropic's, and what becomes of it at the vendor: taken where it changes no answer or can
// be passed on. What is refused stands in openai-door.test.ts, openai-agent.test.ts and anthropic-door.test.ts.
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";

const CLAUDE = "anthropic/claude-haiku-4-5";

let stack: Stack;
let user: Awaited<ReturnType<typeof register>>;
beforeAll(async () => {
  stack = await startStack({ MODELS: `openai/fake,${CLAUDE}`, ANTHROPIC_API_KEY: "k", FALLBACK_MODELS: "" });
  await stack.restart({ ANTHROPIC_BASE_URL: stack.fake.url });
  user = await register(stack.server.url);
});
afterAll(() => stack.stop());

type Body = Record<string, unknown>;
const FAKE = "openai/fake";
const PATHS = {
  chat: "/v1/chat/completions",
  responses: "/v1/responses",
  anthropic: "/anthropic/v1/messages",
};

/** @returns the answer, and the last question to the vendor. */
async function ask(door: keyof typeof PATHS, body: Body) {
  const { status, body: answer } = await user.callAt<Body>("POST", PATHS[door], body);
  return { status, answer, sent: stack.fake.requests.at(-1)?.body ?? {} };
}

const said = (content: unknown, more: Body = {}) => ({ role: "user", content, ...more });
const PNG = "data:image/png;base64,iVBORw0KGgo=";
const call = { id: "call_x", type: "function", function: { name: "look", arguments: "{}" } };
const look = { type: "function", function: { name: "look", parameters: { type: "object" } } };
const go = { type: "function", function: { name: "go", parameters: { type: "object" } } };
const mark = { cache_control: { type: "ephemeral", scope: "global" } };

describe("chat completions take", () => {
  const taken: [what: string, body: Body, sent: Body][] = [
    [
      "who of several speaks",
      {
        messages: [
          said("hi", { name: "ada" }),
          { role: "assistant", content: "yes", name: "bob" },
          said("so?"),
        ],
      },
      {
        messages: [
          said("hi", { name: "ada" }),
          { role: "assistant", content: "yes", name: "bob" },
          said("so?"),
        ],
      },
    ],
    [
      "a choice among some tools: the others are not offered",
      {
        messages: [said("x")],
        tools: [look, go],
        tool_choice: {
          type: "allowed_tools",
          allowed_tools: { mode: "required", tools: [{ type: "function", function: { name: "go" } }] },
        },
      },
      {
        tools: [expect.objectContaining({ function: expect.objectContaining({ name: "go" }) })],
        tool_choice: "required",
      },
    ],
    [
      "answers as programs send them back, with all that they have noted down",
      {
        messages: [
          said("hi"),
          {
            ...{
              role: "assistant",
              refusal: null,
              annotations: [],
              audio: null,
              function_call: null,
              tool_calls: null,
            },
            ...{ id: "chatcmpl-1", provider_specific_fields: { a: 1 } },
            content: [{ type: "text", text: "ho", role: "assistant", refusal: null, annotations: [] }],
          },
          said("and?"),
        ],
      },
      { messages: [said("hi"), { role: "assistant", content: "ho" }, said("and?")] },
    ],
    [
      "calls of another server's, with the thoughts before them",
      {
        tools: [look],
        messages: [
          said("hi"),
          {
            ...{ role: "assistant", content: "", reasoning_content: "hm" },
            tool_calls: [{ ...call, index: 0, provider_specific_fields: null }],
          },
          { role: "tool", tool_call_id: "call_x", content: [], name: "look" },
        ],
      },
      {
        messages: [
          said("hi"),
          { role: "assistant", content: null, reasoning_content: "hm", tool_calls: [call] },
          { role: "tool", tool_call_id: "call_x", content: "(no output)" },
        ],
      },
    ],
    [
      "what is null, known here or not",
      {
        messages: [said("x", { name: null, mood: null })],
        temperature: null,
        top_k: null,
        web_search_options: null,
      },
      { messages: [said("x")] },
    ],
    [
      "any closeness of looking at a picture",
      { messages: [said([{ type: "image_url", image_url: { url: PNG, detail: "original" } }])] },
      { messages: [said([{ type: "image_url", image_url: { url: PNG, detail: "original" } }])] },
    ],
    [
      "marks for a cache, which this vendor has not",
      {
        messages: [
          { role: "system", content: [{ type: "text", text: "a", ...mark }] },
          said([{ type: "text", text: "b", ...mark }]),
        ],
        tools: [{ ...look, ...mark }],
        ...{
          prompt_cache_key: "k",
          prompt_cache_options: { mode: "explicit" },
          prompt_cache_retention: "24h",
        },
      },
      { messages: [{ role: "system", content: "a" }, said([{ type: "text", text: "b" }])] },
    ],
    [
      "a choice of tools where there are none",
      {
        messages: [said("x")],
        tool_choice: "auto",
        parallel_tool_calls: false,
        tools: [],
        functions: [],
        stop: [],
      },
      { messages: [said("x")] },
    ],
    ["nothing at all", { messages: [said([]), { role: "assistant", content: [] }, said("x")] }, {}],
  ];

  test.each(taken)("%s", async (_what, body, sent) => {
    const asked = await ask("chat", { model: FAKE, ...body });
    expect([asked.status, asked.answer.error]).toEqual([200, undefined]);
    expect(asked.sent).toMatchObject(sent);
    const unknown = ["tool_choice", "parallel_tool_calls", "stop", "top_k"].filter((name) => !(name in sent));
    for (const name of unknown) expect(asked.sent).not.toHaveProperty(name);
    expect(JSON.stringify(asked.sent)).not.toMatch(/cache|provider_specific|annotations/);
  });

  test.each([
    [
      "who speaks, to a model without a place for it",
      { model: CLAUDE, messages: [said("x"), said("y", { name: "ada" })] },
      "messages[1].name",
    ],
    [
      "who of the system speaks",
      { model: FAKE, messages: [{ role: "system", content: "x", name: "a" }, said("y")] },
      "messages[0].name",
    ],
    [
      "a choice among tools that are not there",
      {
        ...{ model: FAKE, messages: [said("x")], tools: [look] },
        tool_choice: {
          type: "allowed_tools",
          allowed_tools: {
            mode: "auto",
            tools: [go].map(({ function: { name } }) => ({ type: "function", function: { name } })),
          },
        },
      },
      "tool_choice",
    ],
    [
      "an answer that was spoken",
      { model: FAKE, messages: [said("x"), { role: "assistant", audio: { id: "a" } }, said("y")] },
      "messages[1].audio",
    ],
  ])("but not %s", async (_what, body, param) => {
    expect(await ask("chat", body)).toMatchObject({ status: 400, answer: { error: { param } } });
  });

  test("the agent chooses as it likes", async () => {
    const { status } = await ask("chat", {
      model: "macjarvis",
      messages: [said("x")],
      tool_choice: "auto",
      tools: [],
    });
    expect(status).toBe(200);
  });
});

describe("responses take", () => {
  const flat = { type: "function", name: "look", parameters: { type: "object" } };
  const asked = { type: "function_call", call_id: "call_x", name: "look", arguments: "{}" };

  test.each<[what: string, body: Body, sent: Body]>([
    [
      "thoughts of others, which are left out",
      { input: [{ type: "reasoning", id: "rs_1", summary: [], encrypted_content: "sealed" }, said("x")] },
      { messages: [said("x")] },
    ],
    [
      "wishes that change no answer",
      {
        ...{ input: "x", include: ["reasoning.encrypted_content", "web_search_call.action.sources"] },
        ...{ reasoning: { summary: "auto" }, truncation: "auto", max_tool_calls: 3, service_tier: "auto" },
        ...{
          store: true,
          user: "u",
          safety_identifier: "s",
          background: false,
          context_management: [],
          prompt: null,
        },
      },
      { messages: [said("x")] },
    ],
    [
      "a choice among some tools",
      {
        ...{ input: "x", tools: [flat, { ...flat, name: "go", async: false, defer_loading: false }] },
        tool_choice: { type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "go" }] },
      },
      {
        tools: [expect.objectContaining({ function: expect.objectContaining({ name: "go" }) })],
        tool_choice: "auto",
      },
    ],
    [
      "a result that is a picture",
      {
        tools: [flat],
        input: [
          said("x"),
          asked,
          {
            type: "function_call_output",
            call_id: "call_x",
            output: [{ type: "input_image", image_url: PNG }],
          },
        ],
      },
      {
        messages: expect.arrayContaining([
          said(expect.arrayContaining([{ type: "image_url", image_url: { url: PNG } }])),
        ]),
      },
    ],
    [
      "answers of others, with all that was noted down",
      {
        input: [
          said([{ type: "input_text", text: "hi", prompt_cache_breakpoint: { mode: "explicit" } }]),
          {
            ...{
              type: "message",
              role: "assistant",
              id: "msg_1",
              status: "completed",
              phase: "final_answer",
              name: "a",
            },
            content: [{ type: "output_text", text: "ho", annotations: [], logprobs: [], more: 1 }],
          },
          said("and?"),
        ],
      },
      { messages: [said("hi"), { role: "assistant", content: "ho" }, said("and?")] },
    ],
  ])("%s", async (_what, body, sent) => {
    const { status, answer, sent: found } = await ask("responses", { model: FAKE, ...body });
    expect([status, answer.error]).toEqual([200, null]);
    expect(found).toMatchObject(sent);
  });

  test("items by their ids, of the model alone and of the agent, as long as they are kept", async () => {
    const path = stack.workspace;
    for (const model of [FAKE, "macjarvis"]) {
      const content = model === FAKE ? "my name is Ada" : `call:list_directory ${JSON.stringify({ path })}`;
      const first = await ask("responses", { model, input: content });
      const items = first.answer.output as { id: string }[];
      const references = items.map(({ id }, index) =>
        index === 0 ? { id } : { type: "item_reference", id },
      );
      const whole = await ask("responses", { model: FAKE, input: [said(content), ...items, said("so?")] });
      const named = await ask("responses", {
        model: FAKE,
        input: [said(content), ...references, said("so?")],
      });
      expect([whole.status, named.status]).toEqual([200, 200]);
      expect(named.sent.messages).toEqual(whole.sent.messages);
      expect(JSON.stringify(named.sent.messages)).toContain(
        model === FAKE ? "echo: my name is Ada" : "list_directory",
      );
      const other = await register(stack.server.url);
      const foreign = await other.callAt<Body>("POST", PATHS.responses, {
        model: FAKE,
        input: [...references, said("so?")],
      });
      expect(foreign).toMatchObject({ status: 400, body: { error: { param: "input[0].id" } } });
    }
  });

  test.each([
    [
      "an item that nobody has",
      { input: [{ type: "item_reference", id: "rs_none" }, said("x")] },
      "input[0].id",
    ],
    ["a summary of a certain kind", { input: "x", reasoning: { summary: "detailed" } }, "reasoning.summary"],
    ["probabilities", { input: "x", include: ["message.output_text.logprobs"] }, "include[0]"],
    [
      "a number of the agent's calls",
      { model: "macjarvis", input: "x", max_tool_calls: 1 },
      "max_tool_calls",
    ],
  ])("but not %s", async (_what, body, param) => {
    expect(await ask("responses", { model: FAKE, ...body })).toMatchObject({
      status: 400,
      answer: { error: { param } },
    });
  });
});

describe("messages of Anthropic's take", () => {
  const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" } };
  const used = { type: "tool_use", id: "toolu_1", name: "look", input: { at: null } };
  const tools = [{ name: "look", input_schema: { type: "object", properties: { at: { default: null } } } }];
  const sealed = { type: "ephemeral" };

  test.each<[what: string, body: Body, sent: Body]>([
    [
      "what is null, known here or not, and lists of nothing",
      {
        ...{ system: null, temperature: null, container: null, context_management: null, compaction: null },
        ...{
          mcp_servers: [],
          stop_sequences: [],
          metadata: { user_id: null },
          tool_choice: { type: "auto" },
        },
        messages: [said([{ type: "text", text: "x", citations: [] }])],
      },
      { messages: [said([{ type: "text", text: "x" }])] },
    ],
    [
      "marks for the cache wherever they stand, without what only some know of them",
      {
        ...{
          ...mark,
          system: [{ type: "text", text: "a", ...mark }],
          tools: tools.map((tool) => ({ ...tool, ...mark })),
        },
        messages: [
          said([{ ...image, ...mark }]),
          { role: "assistant", content: [{ ...used, ...mark }] },
          said([
            { type: "tool_result", tool_use_id: "toolu_1", content: [{ type: "text", text: "b" }], ...mark },
          ]),
        ],
      },
      {
        ...{
          cache_control: sealed,
          system: [{ cache_control: sealed }],
          tools: [{ ...tools[0], cache_control: sealed }],
        },
        messages: [
          said([{ ...image, cache_control: sealed }]),
          { role: "assistant", content: [{ ...used, cache_control: sealed }] },
          said([expect.objectContaining({ type: "tool_result", cache_control: sealed })]),
        ],
      },
    ],
    [
      "what the vendor is to leave out of a long history",
      {
        messages: [said("x")],
        context_management: {
          edits: [{ type: "clear_thinking_20251015", keep: "all" }, { type: "clear_tool_uses_20250919" }],
        },
      },
      {
        context_management: {
          edits: [{ type: "clear_thinking_20251015", keep: "all" }, { type: "clear_tool_uses_20250919" }],
        },
      },
    ],
    [
      "results with pictures alone, empty ones and none",
      {
        tools,
        messages: [
          said("x"),
          { role: "assistant", content: ["1", "2", "3"].map((id) => ({ ...used, id: `toolu_${id}` })) },
          said([
            { type: "tool_result", tool_use_id: "toolu_1", content: [image] },
            { type: "tool_result", tool_use_id: "toolu_2", content: [] },
            { type: "tool_result", tool_use_id: "toolu_3", is_error: false },
          ]),
        ],
      },
      {
        messages: [
          said(expect.anything()),
          expect.anything(),
          said([
            { tool_use_id: "toolu_1", content: [image] },
            { tool_use_id: "toolu_2" },
            { tool_use_id: "toolu_3" },
          ]),
        ],
      },
    ],
    [
      "thoughts that nobody has signed, which no vendor takes back, and an answer of nothing",
      {
        messages: [
          said("x"),
          {
            role: "assistant",
            content: [
              { type: "thinking", thinking: "hm" },
              { type: "text", text: "a" },
            ],
          },
          said("y"),
          { role: "assistant", content: [] },
          said("z"),
        ],
      },
      {
        messages: [
          said([{ type: "text", text: "x" }]),
          { role: "assistant", content: [{ type: "text", text: "a" }] },
          said([
            { type: "text", text: "y" },
            { type: "text", text: "z" },
          ]),
        ],
      },
    ],
  ])("%s", async (_what, body, sent) => {
    const found = await ask("anthropic", { model: CLAUDE, max_tokens: 50, ...body });
    expect([found.status, found.answer.error]).toEqual([200, undefined]);
    expect(found.sent).toMatchObject(sent);
    expect(JSON.stringify(found.sent)).not.toMatch(/scope|"container"|mcp_servers|tool_choice/);
  });

  test("but not a summary in place of a history, nor clearing at a vendor that has none", async () => {
    const of = (model: string, type: string) =>
      ask("anthropic", {
        model,
        max_tokens: 50,
        messages: [said("x")],
        context_management: { edits: [{ type }] },
      });
    for (const refused of [of(CLAUDE, "compact_20260112"), of(FAKE, "clear_tool_uses_20250919")])
      expect(await refused).toMatchObject({
        ...{ status: 400, answer: { error: { message: expect.stringContaining("context_management") } } },
      });
  });

  test("the agent chooses as it likes", async () => {
    const body = { model: `macjarvis/${CLAUDE}`, max_tokens: 50, messages: [said("x")] };
    expect((await ask("anthropic", { ...body, tool_choice: { type: "auto" } })).status).toBe(200);
    expect((await ask("anthropic", { ...body, tool_choice: { type: "none" } })).status).toBe(400);
  });
});
