// What a provider wants back with the results of the calls it has asked for.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { KeptState, ModelProvider, PromptMessage } from "../../../../contracts/models.ts";
import { anthropicProvider } from "../../../../plugins/models/anthropic.ts";
import { openaiProvider } from "../../../../plugins/models/openai.ts";
import { type FakeModel, startFakeModel } from "../../../support/fake-model-server.ts";
import { ask } from "./ask-provider.ts";
import { data, delta } from "./openai-frames.ts";

let fake: FakeModel;
beforeAll(async () => {
  fake = await startFakeModel();
});
afterAll(() => fake.close());
beforeEach(() => {
  fake.script();
  fake.requests.length = 0;
});

/** Hears a scripted answer with a call, then sends the call's result to the same model. @returns the messages it got */
async function answerCall(
  provider: ModelProvider,
  raw: string[],
  model = "fake",
): Promise<Record<string, unknown>[]> {
  fake.script([{ raw }]);
  const { chunks, calls } = await ask(provider);
  const kept = chunks.find((chunk) => chunk.type === "kept");
  const messages: PromptMessage[] = [
    { role: "user", content: "hello" },
    { role: "assistant", content: "", tool_calls: calls, ...(kept ? { kept: kept.state } : {}) },
    ...calls.map(({ wire_id, name }): PromptMessage => ({ role: "tool", wire_id, name, content: "done" })),
  ];
  await ask(provider, { model, messages, tools: [{ name: "look", description: "looks", parameters: {} }] });
  return fake.requests.at(-1)?.body.messages as Record<string, unknown>[];
}

describe("anthropic: thoughts go back signed, in their order, before the call", () => {
  const start = (index: number, content_block: object) =>
    data({ type: "content_block_start", index, content_block });
  const piece = (index: number, value: object) => data({ type: "content_block_delta", index, delta: value });
  const raw = [
    start(0, { type: "thinking", thinking: "", signature: "" }),
    piece(0, { type: "thinking_delta", thinking: "let me " }),
    piece(0, { type: "thinking_delta", thinking: "look" }),
    piece(0, { type: "signature_delta", signature: "SIGNED" }),
    start(1, { type: "redacted_thinking", data: "SEALED" }),
    start(2, { type: "thinking", thinking: "never signed" }),
    start(3, { type: "tool_use", id: "toolu_1", name: "look", input: {} }),
    data({ type: "content_block_stop", index: 3 }),
    data({ type: "message_delta", delta: { stop_reason: "tool_use" } }),
    data({ type: "message_stop" }),
  ];
  const thoughts = [
    { type: "thinking", thinking: "let me look", signature: "SIGNED" },
    { type: "redacted_thinking", data: "SEALED" },
  ];

  test("to the model that had them", async () => {
    const [, said] = await answerCall(anthropicProvider({ baseUrl: fake.url, apiKey: "k" }), raw);
    expect(said?.content).toEqual([
      ...thoughts,
      expect.objectContaining({ type: "tool_use", id: "toolu_1" }),
    ]);
  });

  test("but not to another one", async () => {
    const [, said] = await answerCall(anthropicProvider({ baseUrl: fake.url, apiKey: "k" }), raw, "other");
    expect(said?.content).toEqual([expect.objectContaining({ type: "tool_use" })]);
  });
});

describe("servers that speak OpenAI's language", () => {
  const call = { index: 0, id: "call_1", function: { name: "look", arguments: "{}" } };

  test("DeepSeek's reasoning goes back with its call, and only then", async () => {
    const provider = openaiProvider({ baseUrl: `${fake.url}/v1` });
    const thinking = [delta({ reasoning_content: "let me " }), delta({ reasoning_content: "look" })];
    const raw = [...thinking, delta({ tool_calls: [call] }), delta({}, "tool_calls")];
    expect((await answerCall(provider, raw))[1]).toMatchObject({ reasoning_content: "let me look" });
    fake.script([{ raw: [...thinking, delta({ content: "no call" }), delta({}, "stop")] }]);
    expect((await ask(provider)).chunks.some((chunk) => chunk.type === "kept")).toBe(false);
  });

  test("Gemini's signature goes back with its own call; a call of somebody else's has the one for such", async () => {
    const provider = openaiProvider({ baseUrl: `${fake.url}/v1beta/openai/`, apiKey: "k", name: "gemini" });
    const signed = { google: { thought_signature: "SIGNED" } };
    const raw = [
      delta({
        tool_calls: [
          { ...call, extra_content: signed },
          { ...call, index: 1, id: "call_2" },
        ],
      }),
      delta({}, "tool_calls"),
    ];
    const [, said] = await answerCall(provider, raw);
    expect(said?.tool_calls).toEqual([
      expect.objectContaining({ id: "call_1", extra_content: signed }),
      // Of calls at once the first is signed; the others go back as they came.
      expect.not.objectContaining({ extra_content: expect.anything() }),
    ]);
    const kept: KeptState = { by: "anthropic/claude", value: [{ type: "thinking" }] };
    const messages: PromptMessage[] = [
      { role: "user", content: "go" },
      { role: "assistant", content: "", tool_calls: [{ wire_id: "x", name: "a", arguments: "{}" }], kept },
      { role: "tool", wire_id: "x", name: "a", content: "done" },
    ];
    await ask(provider, { messages });
    expect(JSON.stringify(fake.requests.at(-1)?.body)).toContain("skip_thought_signature_validator");
  });
});
