// A program's own question to a model of Anthropic's: as it came, or refused by name.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { ModelRequest, PromptMessage } from "../../../../contracts/models.ts";
import { anthropicProvider } from "../../../../plugins/models/anthropic.ts";
import { openaiProvider } from "../../../../plugins/models/openai.ts";
import { type FakeModel, startFakeModel } from "../../../support/fake-model-server.ts";
import { ask } from "./ask-provider.ts";

let fake: FakeModel;
beforeAll(async () => {
  fake = await startFakeModel();
});
afterAll(() => fake.close());
beforeEach(() => {
  fake.script();
  fake.requests.length = 0;
});

const claude = () => anthropicProvider({ baseUrl: fake.url, apiKey: "k" });
async function sent(request: Partial<ModelRequest>, provider = claude()): Promise<Record<string, unknown>> {
  await ask(provider, { isExact: true, maxOutputTokens: 100_000, ...request });
  return fake.requests.at(-1)?.body ?? {};
}
const user: PromptMessage = { role: "user", content: "go" };

test("a limit of the caller's is the limit, also beyond what is known of the model", async () => {
  expect(await sent({ messages: [user] })).toMatchObject({ max_tokens: 100_000 });
});

test("all that was said stands in its place, calls by their numbers with the vendor's ids", async () => {
  const thought = { type: "thinking", thinking: "hm", signature: "S" };
  const mark = { cache_control: { type: "ephemeral" as const } };
  const value = [
    thought,
    { type: "text", text: "a" },
    { type: "call", index: 1, ...mark },
    thought,
    { type: "call", index: 0 },
  ];
  const calls = ["x", "y"].map((id) => ({ wire_id: id, name: "look", arguments: `{"at":"${id}"}` }));
  const { messages } = await sent({
    messages: [
      user,
      { role: "assistant", content: "a", tool_calls: calls, kept: { by: "anthropic/fake", value } },
      { role: "tool", wire_id: "x", name: "look", content: "", is_error: true, ...mark },
      {
        role: "tool",
        wire_id: "y",
        name: "look",
        content: "seen",
        images: [{ media_type: "image/png", data: "AA" }],
      },
      {
        role: "user",
        content: "",
        parts: [{ type: "image", image: { url: "https://example.com/a.png" }, ...mark }],
      },
    ],
  });
  expect(messages).toEqual([
    { role: "user", content: [{ type: "text", text: "go" }] },
    {
      role: "assistant",
      content: [
        thought,
        { type: "text", text: "a" },
        { type: "tool_use", id: "y", name: "look", input: { at: "y" }, ...mark },
        thought,
        { type: "tool_use", id: "x", name: "look", input: { at: "x" } },
      ],
    },
    {
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: "x", content: "", is_error: true, ...mark },
        {
          type: "tool_result",
          tool_use_id: "y",
          content: [
            { type: "text", text: "seen" },
            { type: "image", source: { type: "base64", media_type: "image/png", data: "AA" } },
          ],
        },
        { type: "image", source: { type: "url", url: "https://example.com/a.png" }, ...mark },
      ],
    },
  ]);
});

test.each([
  [
    "of another model",
    { by: "anthropic/other", value: [{ type: "thinking", thinking: "hm", signature: "S" }] },
  ],
  ["in no form of its vendor's", { by: "anthropic/fake", value: { thinking: "hm" } }],
  ["of nothing", { by: "anthropic/fake", value: null }],
])("what was kept %s is not told", async (_what, kept) => {
  const { messages } = await sent({ messages: [user, { role: "assistant", content: "a", kept }, user] });
  expect(messages).toMatchObject([{}, { content: [{ type: "text", text: "a" }] }, {}]);
  expect(JSON.stringify(messages)).not.toContain("hm");
});

describe("parameters", () => {
  const refused = (parameters: ModelRequest["parameters"]) =>
    claude().refuses("fake", parameters ?? {})?.name;

  test("that it takes", () => {
    expect(
      refused({
        reasoning_effort: "high",
        response_format: { type: "json_schema", json_schema: { schema: {} } },
      }),
    ).toBeUndefined();
    expect(
      refused({ betas: ["x"], cache_control: { type: "ephemeral" }, thinking: { type: "adaptive" } }),
    ).toBeUndefined();
  });

  test.each([
    ["reasoning_effort", { reasoning_effort: "minimal" }],
    ["response_format", { response_format: { type: "json_object" } }],
    ["temperature", { temperature: 1.5 }],
    ["seed", { seed: 1 }],
  ])("that it does not take: %s", (name, parameters) => {
    expect(refused(parameters)).toBe(name);
  });

  test("that change no answer are not sent to servers that do not know them", async () => {
    const mark = { cache_control: { type: "ephemeral" as const } };
    const provider = openaiProvider({ baseUrl: `${fake.url}/v1` });
    const parameters = { betas: ["x"], ...mark };
    expect(provider.refuses("fake", parameters)).toBeUndefined();
    const messages: PromptMessage[] = [
      { role: "system", content: "s", ...mark },
      {
        role: "user",
        content: "",
        parts: [
          { type: "text", text: "a", ...mark },
          { type: "text", text: "b" },
        ],
      },
    ];
    const tools = [{ name: "look", description: "", parameters: { type: "object" }, ...mark }];
    const body = JSON.stringify(await sent({ messages, tools, parameters }, provider));
    expect(body).toContain('"a"');
    expect(body).not.toMatch(/cache_control|betas/);
  });
});
