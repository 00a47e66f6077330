// Answers that no documentation describes: servers that are broken, old, or hostile. None may harm more than its own answer.
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { ModelProvider } from "../../../../contracts/models.ts";
import { anthropicProvider } from "../../../../plugins/models/anthropic.ts";
import { openaiProvider } from "../../../../plugins/models/openai.ts";
import type { FakeTurn } from "../../../support/fake-model/turn.ts";
import { type FakeModel, startFakeModel } from "../../../support/fake-model-server.ts";
import { ask } from "./ask-provider.ts";
import { data, delta } from "./openai-frames.ts";

let fake: FakeModel;
let openai: ModelProvider;
let anthropic: ModelProvider;
beforeAll(async () => {
  fake = await startFakeModel();
  openai = openaiProvider({ baseUrl: `${fake.url}/v1`, apiKey: "k" });
  anthropic = anthropicProvider({ baseUrl: fake.url, apiKey: "k" });
});
afterAll(() => fake.close());
beforeEach(() => {
  fake.script();
  fake.requests.length = 0;
});

const stop = delta({}, "stop");
const usage = (value: unknown): string => data({ choices: [], usage: value });

async function hear(provider: ModelProvider, turn: FakeTurn) {
  fake.script([turn]);
  return ask(provider);
}

describe("usage that cannot be meant is as good as none", () => {
  test.each([
    ["more than there can be", { prompt_tokens: 1e300, completion_tokens: 5 }],
    ["beyond whole numbers", { prompt_tokens: 9e15, completion_tokens: 9e15 }],
    ["less than none", { prompt_tokens: 5, completion_tokens: -5_000 }],
    ["text", { prompt_tokens: "5", completion_tokens: "6" }],
  ])("openai: %s", async (_, value) => {
    const said = await hear(openai, { raw: [delta({ content: "hi" }), stop, usage(value)] });
    expect(said).toMatchObject({ text: "hi", end: "stop", usage: undefined, error: undefined });
  });

  test("parts of a token count as a whole one", async () => {
    const raw = [delta({ content: "hi" }), stop, usage({ prompt_tokens: 10.5, completion_tokens: 3.2 })];
    expect((await hear(openai, { raw })).usage).toEqual({ input_tokens: 11, output_tokens: 4 });
  });

  test("anthropic: a negative count earns nobody tokens", async () => {
    const raw = [
      data({ type: "message_start", message: { usage: { input_tokens: -9, output_tokens: -1 } } }),
      data({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "hi" } }),
      data({ type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: -50_000 } }),
      data({ type: "message_stop" }),
    ];
    expect(await hear(anthropic, { raw })).toMatchObject({ text: "hi", end: "stop", usage: undefined });
  });
});

describe("fields of a wrong type are passed over", () => {
  test("openai", async () => {
    const raw = [
      data({ choices: "none" }),
      data({ choices: [5] }),
      data({ choices: [{ delta: "text" }] }),
      delta({ content: 5, refusal: { a: 1 }, reasoning: [1] }),
      delta({ content: [null, 3, "a", { type: "text", text: "b" }] }),
      delta({ tool_calls: { index: 0 } }),
      stop,
    ];
    expect(await hear(openai, { raw })).toMatchObject({ text: "ab", calls: [], end: "stop" });
  });

  test("anthropic", async () => {
    const raw = [
      data({ type: "message_start" }),
      data({ type: "content_block_start", index: 0 }),
      data({ type: "content_block_delta" }),
      data({ type: "content_block_delta", delta: { type: "text_delta", text: 5 } }),
      data({ type: "content_block_delta", delta: { type: "text_delta", text: "ab" } }),
      data({ type: "message_stop" }),
    ];
    expect(await hear(anthropic, { raw })).toMatchObject({ text: "ab", calls: [], end: "stop" });
  });
});

describe("forms of other servers", () => {
  test("the call of 2023, `function_call`", async () => {
    const raw = [
      delta({ function_call: { name: "look", arguments: '{"a"' } }),
      delta({ function_call: { arguments: ":1}" } }),
      delta({}, "function_call"),
    ];
    const said = await hear(openai, { raw });
    expect(said.calls).toEqual([{ wire_id: "", name: "look", arguments: '{"a":1}' }]);
  });

  test("numbers of calls as text, ids as numbers", async () => {
    const piece = (index: string, id: number | undefined, name: string | undefined, text: string) =>
      delta({ tool_calls: [{ index, id, function: { name, arguments: text } }] });
    const raw = [
      piece("0", 7, "a", '{"x"'),
      piece("1", 8, "b", '{"y"'),
      piece("0", undefined, undefined, ":1}"),
      piece("1", undefined, undefined, ":2}"),
      stop,
    ];
    expect((await hear(openai, { raw })).calls).toEqual([
      { wire_id: "7", name: "a", arguments: '{"x":1}' },
      { wire_id: "8", name: "b", arguments: '{"y":2}' },
    ]);
  });

  test("compressed although nobody asked for it", async () => {
    const bytes = gzipSync(delta({ content: "packed" }) + stop);
    const said = await hear(openai, {
      raw: [bytes.subarray(0, 9), bytes.subarray(9)],
      contentEncoding: "gzip",
    });
    expect(said).toMatchObject({ text: "packed", end: "stop" });
    const broken = await hear(openai, { raw: ["this is not gzip"], contentEncoding: "gzip" });
    expect(broken.error?.type).toBe("model_interrupted");
  });

  test("an answer that is whole ends although its response never does", async () => {
    const raw = [delta({ content: "whole" }), stop, usage({ prompt_tokens: 1, completion_tokens: 2 })];
    const said = await hear(openai, { raw, rawGate: new Promise(() => undefined) });
    expect(said).toMatchObject({ text: "whole", end: "stop", usage: { input_tokens: 1, output_tokens: 2 } });
  });
});

describe("too much of it", () => {
  test("hundreds of calls in one step are no answer", async () => {
    const calls = Array.from({ length: 300 }, (_, index) => ({
      index,
      id: `c${index}`,
      function: { name: "a" },
    }));
    expect((await hear(openai, { raw: [delta({ tool_calls: calls }), stop] })).error?.type).toBe(
      "model_interrupted",
    );
  });

  test("arguments nested deeper than can be written become text that can never run", async () => {
    const deep = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
    const raw = [
      `data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"name":"a","arguments":{"x":${deep}}}}]}}]}\n\n`,
      stop,
    ];
    const [call] = (await hear(openai, { raw })).calls;
    expect(() => JSON.parse(call?.arguments ?? "{}") as unknown).toThrow();
  });
});

describe("an answer that the provider's content filter took away", () => {
  test("is an error that says so; one that was cut keeps what came", async () => {
    const none = await hear(openai, { raw: [delta({ content: "" }), delta({}, "content_filter")] });
    expect(none.error).toMatchObject({
      type: "model_filtered",
      message: expect.stringMatching(/withheld/),
    });
    const cut = await hear(openai, { raw: [delta({ content: "so far" }), delta({}, "content_filter")] });
    expect(cut).toMatchObject({ text: "so far", end: undefined, error: { type: "model_filtered" } });
    expect(cut.error?.message).toMatch(/cut off/);
    const raw = [
      data({ type: "message_delta", delta: { stop_reason: "refusal" } }),
      data({ type: "message_stop" }),
    ];
    expect((await hear(anthropic, { raw })).error?.type).toBe("model_filtered");
  });
});

describe("parameters that a server does not take", () => {
  const refusing = (name: string) =>
    fake.script((request) =>
      request.body[name] === undefined
        ? { text: "fine" }
        : {
            fault: {
              type: "status",
              status: 400,
              body: { error: { message: `Unknown parameter: ${name}` } },
            },
          },
    );

  test.each(["stream_options", "max_tokens"])("%s is left out, and stays left out", async (name) => {
    const provider = openaiProvider({ baseUrl: `${fake.url}/v1`, apiKey: "k" });
    refusing(name);
    expect(await ask(provider, { maxOutputTokens: 100 })).toMatchObject({ text: "fine", error: undefined });
    expect(await ask(provider, { maxOutputTokens: 100 })).toMatchObject({ text: "fine" });
    expect(fake.requests).toHaveLength(3);
  });

  test("the limit then goes by its other name", async () => {
    const provider = openaiProvider({ baseUrl: `${fake.url}/v1`, apiKey: "k" });
    refusing("max_tokens");
    await ask(provider, { maxOutputTokens: 100 });
    expect(fake.requests.at(-1)?.body.max_completion_tokens).toBe(100);
  });

  test("what was not sent is no reason to ask again", async () => {
    fake.script([
      { fault: { type: "status", status: 400, body: { error: { message: "no reasoning_effort" } } } },
    ]);
    expect((await ask(openai)).error?.type).toBe("model_rejected");
    expect(fake.requests).toHaveLength(1);
  });

  test("a model without tools is told in words to act on", async () => {
    const body = { error: { message: "llama does not support tools" } };
    const said = await hear(openai, { fault: { type: "status", status: 400, body } });
    expect(said.error?.data?.show).toEqual({ reason: "no_tools" });
  });
});
