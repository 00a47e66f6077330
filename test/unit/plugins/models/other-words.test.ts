// A server that refuses a question and says why is asked again in the form it wants, and from then on at once in that form.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { ModelRequest, PromptMessage } from "../../../../contracts/models.ts";
import { anthropicProvider } from "../../../../plugins/models/anthropic.ts";
import { openaiProvider } from "../../../../plugins/models/openai.ts";
import { openModels } from "../../../../plugins/models/registry.ts";
import { type FakeModel, type RecordedRequest, startFakeModel } from "../../../support/fake-model-server.ts";
import { ask } from "./ask-provider.ts";

type Body = { messages: Record<string, unknown>[]; max_tokens?: number };
type Call = { id: string };

let fake: FakeModel;
beforeAll(async () => {
  fake = await startFakeModel();
});
afterAll(() => fake.close());
beforeEach(() => {
  fake.script();
  fake.requests.length = 0;
});

const bodyOf = (request: RecordedRequest | undefined) => request?.body as unknown as Body;
/** Refuses a body with a message of the server's, as long as it does not fit. */
const refuseUnless = (message: string, fits: (body: Body) => boolean, status = 400) =>
  fake.script((request) =>
    fits(bodyOf(request)) ? undefined : { fault: { type: "status", status, body: { error: { message } } } },
  );
const openai = () => openaiProvider({ baseUrl: `${fake.url}/v1`, apiKey: "k" });

/** An id as Moonshot gives them. */
const KIMI = "functions.look:0";
const CALL: PromptMessage[] = [
  { role: "user", content: "go" },
  {
    role: "assistant",
    content: "",
    tool_calls: [{ wire_id: "call_of_another_vendor", name: "look", arguments: "{}" }],
  },
  { role: "tool", wire_id: "call_of_another_vendor", name: "look", content: "seen" },
];

const PICTURED = CALL.map((one) =>
  one.role === "tool" ? { ...one, images: [{ media_type: "image/png", data: "iVBORw0KGgo=" }] } : one,
);

describe("a server that wants", () => {
  test.each<[string, string, number, (body: Body) => boolean, Partial<ModelRequest>]>([
    [
      "ids of nine letters and digits",
      "Tool call id was call_x but must be a-z, A-Z, 0-9, with a length of 9.",
      400,
      ({ messages }) =>
        messages.every((one) => ((one.tool_calls ?? []) as Call[]).every(({ id }) => /^\w{9}$/.test(id))),
      { messages: CALL },
    ],
    [
      "the thoughts of every step with calls",
      "The reasoning_content in the thinking mode must be passed back to the API.",
      400,
      ({ messages }) => messages.every((one) => !one.tool_calls || typeof one.reasoning_content === "string"),
      { messages: CALL },
    ],
    [
      "no thoughts back",
      "property 'reasoning_content' is unsupported",
      400,
      ({ messages }) => messages.every((one) => !("reasoning_content" in one)),
      {
        messages: CALL.map((one) =>
          one.role === "assistant"
            ? { ...one, kept: { by: "openai/fake", value: { reasoning_content: "hm" } } }
            : one,
        ),
      },
    ],
    [
      "no signed thoughts back",
      "messages[1].reasoning_details: Invalid `signature` in thinking block",
      400,
      ({ messages }) => messages.every((one) => !("reasoning_details" in one)),
      {
        messages: CALL.map((one) =>
          one.role === "assistant"
            ? {
                ...one,
                kept: { by: "openai/fake", value: { reasoning_details: [{ text: "hm", signature: "X" }] } },
              }
            : one,
        ),
      },
    ],
    [
      "ids of letters, digits, _ and -",
      "messages.1.content.1.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'",
      400,
      ({ messages }) =>
        messages.every((one) => ((one.tool_calls ?? []) as Call[]).every(({ id }) => /^[\w-]+$/.test(id))),
      {
        messages: CALL.map((one) => (one.role === "tool" ? { ...one, wire_id: KIMI } : one)).map((one) =>
          one.role === "assistant"
            ? { ...one, tool_calls: [{ wire_id: KIMI, name: "look", arguments: "{}" }] }
            : one,
        ),
      },
    ],
    [
      "a text beside calls, perhaps an empty one",
      "invalid message content type: <nil>",
      400,
      ({ messages }) => messages.every(({ content }) => typeof content === "string"),
      { messages: CALL },
    ],
    [
      "a text beside calls, and not an empty one",
      "The content field in the Message object at messages.1 is empty. Add a ContentBlock object",
      400,
      ({ messages }) => messages.every(({ content }) => typeof content === "string" && content.trim() !== ""),
      { messages: CALL },
    ],
    [
      "the rules from the user, because its model knows no other role",
      "System role not supported",
      400,
      ({ messages }) =>
        messages.every(({ role }) => role !== "system") &&
        messages[0]?.content === "Be brief.\n\ngo" &&
        messages[0]?.role === "user",
      { messages: [{ role: "system", content: "Be brief." }, ...CALL] },
    ],
    [
      "no calls where no tools are offered",
      "litellm.UnsupportedParamsError: Bedrock doesn't support tool calling without `tools=` param specified.",
      400,
      ({ messages }) =>
        messages.every((one) => !one.tool_calls && one.role !== "tool") &&
        JSON.stringify(messages).includes("seen"),
      { messages: CALL },
    ],
    [
      "no calls at all, because its model has no tools",
      "`tool calling` is not supported with this model",
      400,
      ({ messages }) => messages.every((one) => !one.tool_calls && one.role !== "tool"),
      { messages: CALL },
    ],
    [
      "no pictures, because its model sees nothing",
      "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj",
      500,
      ({ messages }) =>
        !JSON.stringify(messages).includes("data:image") &&
        JSON.stringify(messages).includes("cannot see pictures"),
      { messages: PICTURED },
    ],
    [
      "no parts of messages, and so no pictures",
      "messages[3].content must be a string",
      400,
      ({ messages }) => messages.every(({ content }) => typeof content !== "object" || content === null),
      { messages: PICTURED },
    ],
    [
      "no stream, because the account is not verified",
      "Your organization must be verified to stream this model.",
      400,
      (body) => (body as { stream?: boolean }).stream === false && !("stream_options" in body),
      {},
    ],
    [
      "user and assistant by turns, in DeepSeek's words",
      "deepseek-reasoner does not support successive user or assistant messages",
      400,
      ({ messages }) => messages.length === 1,
      {
        messages: [
          { role: "user", content: "one" },
          { role: "user", content: "two" },
        ],
      },
    ],
    [
      "user and assistant by turns",
      "Conversation roles must alternate user/assistant/user/assistant/...",
      500,
      ({ messages }) =>
        messages.every(({ role }, index) => index === 0 || role !== messages[index - 1]?.role),
      {
        messages: [
          { role: "user", content: "one" },
          { role: "user", content: "two" },
        ],
      },
    ],
    [
      "less than the limit of an answer",
      "max_tokens is too large: 32000. This model supports at most 4096 completion tokens",
      400,
      ({ max_tokens = 0 }) => max_tokens === 4_096,
      { maxOutputTokens: 32_000 },
    ],
  ])("%s", async (_what, message, status, fits, request) => {
    const provider = openai();
    refuseUnless(message, fits, status);
    expect((await ask(provider, request)).error).toBeUndefined();
    const first = fake.requests.length;
    expect(first).toBeGreaterThan(1);
    expect((await ask(provider, request)).error).toBeUndefined();
    expect(fake.requests.length).toBe(first + 1);
  });

  test("the question and the answer's limit together within its window gets a lower limit, and its window is known then", async () => {
    const message =
      "This model's maximum context length is 6144 tokens. However, you requested 7069 tokens (2973 in the messages, 4096 in the completion).";
    refuseUnless(message, ({ max_tokens = 9e9 }) => 2_973 + max_tokens <= 6_144);
    const models = openModels({ openai: { baseUrl: `${fake.url}/v1`, apiKey: "k" }, default: "openai/fake" });
    const found = models.find("openai/fake");
    if (!found) throw new Error("no model");
    expect(found.info.context_window).toBe(32_000);
    expect((await ask(found.provider, { maxOutputTokens: 4_096 })).error).toBeUndefined();
    expect(fake.requests.map((request) => bodyOf(request).max_tokens)).toEqual([4_096, 3_171]);
    expect(models.find("openai/fake")?.info.context_window).toBe(6_144);
  });

  test("the same, in Anthropic's words", async () => {
    const message =
      "input length and `max_tokens` exceed context limit: 188240 + 32000 > 200000, decrease input length";
    refuseUnless(message, ({ max_tokens = 9e9 }) => max_tokens <= 11_760);
    const provider = anthropicProvider({ baseUrl: fake.url, apiKey: "k" });
    expect((await ask(provider, { model: "claude-opus-5" })).error).toBeUndefined();
    expect(fake.requests.map((request) => bodyOf(request).max_tokens)).toEqual([32_000, 11_760]);
  });
});

test("Anthropic's thoughts that it has refused do not go back again: the session goes on", async () => {
  fake.script((request) =>
    JSON.stringify(request.body).includes('"type":"thinking"')
      ? {
          fault: {
            type: "status",
            status: 400,
            body: { error: { message: "messages.1.content.0: Invalid `signature` in `thinking` block" } },
          },
        }
      : { text: "fine" },
  );
  const provider = anthropicProvider({ baseUrl: fake.url, apiKey: "k" });
  const thought = { type: "thinking", thinking: "hm", signature: "of another account" };
  const messages = CALL.map((one) =>
    one.role === "assistant" ? { ...one, kept: { by: "anthropic/fake", value: [thought] } } : one,
  );
  const tools = [{ name: "look", description: "looks", parameters: {} }];
  for (const asked of [2, 3]) {
    expect(await ask(provider, { messages, tools })).toMatchObject({ text: "fine", error: undefined });
    expect(fake.requests).toHaveLength(asked);
  }
});

test("ids for Anthropic's models are theirs at once, whoever serves them", async () => {
  fake.script([{ text: "fine" }]);
  const messages = CALL.map((one) =>
    one.role === "assistant"
      ? { ...one, tool_calls: [{ wire_id: KIMI, name: "look", arguments: "{}" }] }
      : one,
  );
  await ask(openai(), { model: "anthropic/claude-sonnet-5", messages });
  const [id] = bodyOf(fake.requests[0]).messages.flatMap((one) => (one.tool_calls ?? []) as Call[]);
  expect(id?.id).toMatch(/^[a-zA-Z0-9_-]{1,40}$/);
});

describe("a history that a server refuses for a reason nobody knows", () => {
  const tools = [{ name: "look", description: "looks", parameters: {} }];
  const refuseCalls = () =>
    fake.script((request) =>
      /"tool_calls"|"tool_use"/.test(JSON.stringify(request.body.messages))
        ? { fault: { type: "status", status: 400, body: { error: { message: "error 4711: messages" } } } }
        : { text: "fine" },
    );

  test.each([
    ["openai", () => openai()],
    ["anthropic", () => anthropicProvider({ baseUrl: fake.url, apiKey: "k" })],
  ])("%s: is told in mere words, from then on at once, and the session goes on", async (_name, open) => {
    refuseCalls();
    const provider = open();
    for (const asked of [2, 3]) {
      expect(await ask(provider, { messages: CALL, tools })).toMatchObject({
        text: "fine",
        error: undefined,
      });
      expect(fake.requests).toHaveLength(asked);
    }
    const sent = JSON.stringify(fake.requests.at(-1)?.body);
    expect(sent).toContain("(called look with {})");
    expect(sent).toContain("seen");
    expect(sent).toContain('"tools"');
  });

  test("where that is no help the first refusal is told, and the next question is asked as ever", async () => {
    refuseUnless("error 4711", () => false);
    const provider = openai();
    expect((await ask(provider, { messages: CALL, tools })).error?.data?.show).toEqual({
      reason: "bad_request",
    });
    expect(fake.requests).toHaveLength(2);
    fake.script([{ text: "fine" }]);
    await ask(provider, { messages: CALL, tools });
    expect(JSON.stringify(fake.requests.at(-1)?.body)).toContain('"tool_calls"');
  });

  test("is told without its pictures before it is told in mere words; one without pictures says nothing of them", async () => {
    const provider = openai();
    refuseUnless("error 4711", () => false);
    await ask(provider);
    refuseUnless("error 4712", ({ messages }) => !JSON.stringify(messages).includes("data:image"));
    fake.requests.length = 0;
    expect((await ask(provider, { messages: PICTURED, tools })).error).toBeUndefined();
    const [first, second, ...more] = fake.requests.map(({ body }) => JSON.stringify(body));
    expect([first?.includes("data:image"), second?.includes('"tool_calls"'), more]).toEqual([true, true, []]);
  });

  test("one without calls is not asked again", async () => {
    refuseUnless("error 4711", () => false);
    await ask(openai());
    expect(fake.requests).toHaveLength(1);
  });

  test("a connection that breaks then is told as that", async () => {
    fake.script([
      { fault: { type: "status", status: 400, body: { error: { message: "error 4711" } } } },
      { fault: { type: "refuse" } },
    ]);
    expect((await ask(openai(), { messages: CALL, tools })).error?.type).toBe("model_unavailable");
  });
});

describe("a server that goes on refusing", () => {
  test("what its refusal teaches and changes nothing is no reason to ask again", async () => {
    refuseUnless("System role not supported; roles must alternate; content must be a string", () => false);
    expect((await ask(openai())).error?.type).toBe("model_rejected");
    expect(fake.requests).toHaveLength(1);
  });

  test("a question that is itself too long is not asked again here", async () => {
    refuseUnless("maximum context length is 4096 tokens. (9000 in the messages)", () => false);
    const { error } = await ask(openai(), { maxOutputTokens: 1_000 });
    expect(error?.data?.show).toEqual({ reason: "context_length" });
    expect(fake.requests).toHaveLength(1);
  });

  test("is left after a few forms of the same question", async () => {
    let most = 100_000;
    fake.script(() => {
      most -= 1_000;
      const message = `max_tokens is too large. This model supports at most ${most} completion tokens`;
      return { fault: { type: "status", status: 400, body: { error: { message } } } };
    });
    expect((await ask(openai(), { maxOutputTokens: 200_000 })).error?.type).toBe("model_rejected");
    expect(fake.requests.length).toBeLessThan(10);
  });
});
