import { setTimeout as sleepFor } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { openModels } from "../../../../../plugins/models/registry.ts";
import type { Asked, AskOptions, ModelAsker, Retry } from "../../../../../services/agent/asked.ts";
import { type AskerSettings, createAsker } from "../../../../../services/agent/model/ask-model.ts";
import type { FakeTurn } from "../../../../support/fake-model/turn.ts";
import { type FakeModel, startFakeModel } from "../../../../support/fake-model-server.ts";

let fake: FakeModel;
let asker: ModelAsker;
let slept: number[];
beforeEach(async () => {
  fake = await startFakeModel();
  slept = [];
  asker = open();
});
afterEach(() => fake.close());

type Over = Partial<AskerSettings> & { fallback?: string[]; idleMs?: number; loadMs?: number };

/** Waits are noted, not waited for; half of the longest jitter. */
function open({ fallback = [], idleMs = 60_000, loadMs = idleMs, ...over }: Over = {}): ModelAsker {
  const models = openModels({
    openai: { baseUrl: `${fake.url}/v1`, apiKey: "k" },
    anthropic: { baseUrl: fake.url, apiKey: "k" },
    models: ["openai/fake", "openai/other"],
  });
  return createAsker({
    models,
    settings: {
      now: { fallback_models: fallback, model_idle_s: idleMs / 1_000, model_load_s: loadMs / 1_000 },
    },
    sleep: async (ms) => void slept.push(ms),
    random: () => 0.5,
    ...over,
  });
}

const never = new Promise<never>(() => undefined);
const status = (code: number, headers: Record<string, string> = {}, body?: unknown): FakeTurn => ({
  fault: { type: "status", status: code, headers, body },
});
/** The fake's answers by model, so that a fallback is told from the run's own. */
const byModel = (turns: Record<string, FakeTurn | undefined>) =>
  fake.script((request) => turns[String(request.body.model)]);
const asked = () => fake.requests.map((request) => request.body.model);

type Streamed = { text: string; reasoning: string };
async function ask(over: Partial<AskOptions> = {}): Promise<Asked & { streamed: Streamed }> {
  const streamed: Streamed = { text: "", reasoning: "" };
  const result = await asker.ask({
    model: "openai/fake",
    messages: [{ role: "user", content: "hello" }],
    tools: [],
    runId: "run_test",
    signal: new AbortController().signal,
    deadlineAt: performance.now() + 600_000,
    onText: (text) => {
      streamed.text += text;
    },
    onReasoning: (text) => {
      streamed.reasoning += text;
    },
    ...over,
  });
  return { ...result, streamed };
}

describe("G28 a picture by its address", () => {
  const image = { url: "https://example.com/a.png" };
  const messages: AskOptions["messages"] = [{ role: "user", content: "", parts: [{ type: "image", image }] }];
  /** @param local of these models the server is one of our own network */
  function withLocal(local: string[], fallback: string[]): ModelAsker {
    const models = openModels({
      openai: { baseUrl: `${fake.url}/v1`, apiKey: "k" },
      models: ["openai/fake", "openai/other"],
    });
    const found = models.resolve.bind(models);
    models.resolve = (id) => {
      const one = found(id);
      return one && { ...one, isLocal: local.includes(id) };
    };
    return open({ models, fallback });
  }

  test("is for vendors: the run's own model of our network is not asked, nor one that would stand in", async () => {
    asker = withLocal(["openai/fake"], []);
    expect(await ask({ messages })).toMatchObject({
      type: "failed",
      error: { type: "invalid_request", message: expect.stringContaining("send its bytes") },
    });
    asker = withLocal(["openai/other"], ["openai/other"]);
    byModel({ "openai/fake": status(500), fake: status(500) });
    expect(await ask({ messages })).toMatchObject({ type: "failed" });
    expect(new Set(asked())).toEqual(new Set(["fake"]));
  });

  test("goes to a vendor as it came, and pictures with their bytes go to everybody", async () => {
    asker = withLocal([], []);
    expect((await ask({ messages })).type).toBe("answered");
    expect(JSON.stringify(fake.requests.at(-1)?.body)).toContain(image.url);
    asker = withLocal(["openai/fake"], []);
    const bytes = { media_type: "image/png", data: "iVBORw0KGgo=" };
    const shown = [{ role: "user" as const, content: "", parts: [{ type: "image" as const, image: bytes }] }];
    expect((await ask({ messages: shown })).type).toBe("answered");
  });
});

describe("an answer", () => {
  test("without an end is cut as at a limit of the model, and the connection closed", async () => {
    const piece = `data: ${JSON.stringify({ choices: [{ delta: { content: "x".repeat(1_000_000) } }] })}\n\n`;
    fake.script([{ raw: Array.from({ length: 40 }, () => piece), rawGate: never }]);
    const result = await ask();
    expect(result).toMatchObject({ type: "answered", finish: "length", text: result.streamed.text });
    expect(result.streamed.text.length).toBeLessThan(20_000_000);
  });

  test("has text, reasoning, calls, usage and who gave it", async () => {
    fake.script([
      {
        reasoning: "hm",
        text: ["a", "b"],
        toolCalls: [{ name: "t", arguments: { x: 1 } }],
        usage: { input: 3, output: 4 },
      },
    ]);
    expect(await ask()).toEqual({
      type: "answered",
      model: "openai/fake",
      text: "ab",
      reasoning: "hm",
      toolCalls: [{ wire_id: "call_0", name: "t", arguments: '{"x":1}' }],
      usage: { input_tokens: 3, output_tokens: 4, estimated: false },
      finish: "tool_calls",
      kept: { by: "openai/fake", value: { reasoning_content: "hm" } },
      streamed: { text: "ab", reasoning: "hm" },
    });
  });

  test.each([["none" as const], [{ input: 0, output: 0 }]])(
    "usage that is not reported (%j) is estimated and marked",
    async (usage) => {
      fake.script([{ text: "twelve chars", usage }]);
      const result = await ask();
      expect(result).toMatchObject({ type: "answered", usage: { output_tokens: 3, estimated: true } });
      expect(result.type === "answered" && result.usage.input_tokens).toBeGreaterThan(0);
    },
  );

  test("G14 malformed arguments are handed on as the model wrote them, a limit as `length`", async () => {
    fake.script([{ toolCalls: [{ name: "t", arguments: '{"x": ' }], finish: "length" }]);
    expect(await ask()).toMatchObject({
      type: "answered",
      finish: "length",
      toolCalls: [{ arguments: '{"x": ' }],
    });
  });
});

describe("G13 before the first token", () => {
  test.each<[string, FakeTurn]>([
    ["429", status(429)],
    ["500", status(500)],
    ["503", status(503)],
    ["a connection that breaks without a byte", { fault: { type: "refuse" } }],
    ["a stream that breaks before its first token", { text: "x", fault: { type: "cut_after", pieces: 0 } }],
    [
      "a stream that breaks within a tool call",
      { toolCalls: [{ name: "t", arguments: '{"a":1}' }], fault: { type: "cut_after", pieces: 1 } },
    ],
  ])("%s is asked again, with growing pauses, and the retry stays silent", async (_what, turn) => {
    fake.script([turn, turn, { text: "at last" }]);
    const result = await ask();
    expect(result).toMatchObject({ type: "answered", text: "at last", streamed: { text: "at last" } });
    expect(slept).toEqual([250, 500]);
    expect(fake.requests).toHaveLength(3);
  });

  test("a provider that sends no byte is let go and asked again", async () => {
    asker = open({ idleMs: 1_500 });
    // Where the whole machine stands still it may be asked once more.
    fake.script(() =>
      fake.requests.length === 1 ? { text: "x", fault: { type: "hang" } } : { text: "there" },
    );
    expect(await ask()).toMatchObject({ type: "answered", text: "there" });
    await fake.requests[0]?.gone;
    expect(fake.requests[0]?.closed).toBe(true);
  });

  test("a provider that only ever hangs ends with model_timeout", async () => {
    const failures: unknown[] = [];
    asker = open({ idleMs: 30, onFailure: ({ type }) => void failures.push(type) });
    fake.script(() => ({ text: "x", fault: { type: "hang" } }));
    expect(await ask()).toMatchObject({ type: "failed", error: { type: "model_timeout", retryable: true } });
    // Under load the third question may be given up before the server has heard it.
    expect(failures).toEqual(["model_timeout", "model_timeout", "model_timeout"]);
  });

  test("bytes without text keep it alive", async () => {
    asker = open({ idleMs: 5_000 });
    const comments = Array.from({ length: 125 }, () => ": thinking\n\n");
    const answer =
      'data: {"choices":[{"delta":{"content":"ok"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
    fake.script([{ raw: [...comments, answer], rawDelayMs: 45 }]);
    expect(await ask()).toMatchObject({ type: "answered", text: "ok" });
    expect(fake.requests).toHaveLength(1);
  });

  test("Retry-After is waited for", async () => {
    fake.script([status(429, { "retry-after": "3" }), { text: "ok" }]);
    expect(await ask()).toMatchObject({ type: "answered" });
    expect(slept).toEqual([3_000]);
  });

  test("Retry-After beyond the run's deadline is not", async () => {
    fake.script([status(429, { "retry-after": "300" })]);
    const result = await ask({ deadlineAt: performance.now() + 200_000 });
    expect(result).toMatchObject({ type: "failed", error: { type: "model_rate_limited" } });
    expect(slept).toEqual([]);
  });

  test("after three failures the fallback answers, and says that it did", async () => {
    asker = open({ fallback: ["openai/other", "anthropic/claude-haiku-4-5"] });
    byModel({ fake: status(500), other: { text: "from the other" } });
    expect(await ask()).toMatchObject({ type: "answered", model: "openai/other", text: "from the other" });
    expect(asked()).toEqual(["fake", "fake", "fake", "other"]);
  });

  test("fallbacks are tried in their order, over providers; when all fail the first error is told", async () => {
    asker = open({ fallback: ["openai/other", "anthropic/claude-haiku-4-5"] });
    byModel({ fake: status(429), other: status(500), "claude-haiku-4-5": { text: "hi" } });
    expect(await ask()).toMatchObject({ model: "anthropic/claude-haiku-4-5", text: "hi" });
    asker = open({ fallback: ["openai/other"] });
    expect(await ask()).toMatchObject({ type: "failed", error: { type: "model_rate_limited" } });
  });

  test.each([401, 403, 404])("HTTP %i is not repeated but the fallback may do better", async (code) => {
    asker = open({ fallback: ["openai/other"] });
    byModel({ fake: status(code), other: { text: "ok" } });
    expect(await ask()).toMatchObject({ type: "answered", model: "openai/other" });
    expect(asked()).toEqual(["fake", "other"]);
  });

  test("a prompt that is refused goes nowhere else", async () => {
    asker = open({ fallback: ["openai/other"] });
    fake.script([status(400, {}, { error: { code: "context_length_exceeded" } })]);
    expect(await ask()).toMatchObject({
      type: "failed",
      error: { type: "model_rejected", data: { show: { reason: "context_length" } } },
    });
    expect(asked()).toEqual(["fake"]);
  });

  test("a model nobody has set up fails in words", async () => {
    expect(await ask({ model: "gemini/gemini-2.5-flash" })).toMatchObject({
      type: "failed",
      error: { type: "model_unavailable" },
    });
  });
});

describe("G13 after the first token", () => {
  test("nothing is repeated: what came is kept, with a typed error and estimated usage", async () => {
    asker = open({ fallback: ["openai/other"] });
    fake.script([{ text: ["some ", "text ", "lost"], fault: { type: "cut_after", pieces: 2 } }]);
    const result = await ask();
    expect(result).toMatchObject({
      type: "interrupted",
      model: "openai/fake",
      text: "some text ",
      error: { type: "model_interrupted" },
      usage: { output_tokens: 3, estimated: true },
    });
    expect(fake.requests).toHaveLength(1);
  });

  test("reasoning is a token too", async () => {
    fake.script([{ reasoning: ["hm", "m"], fault: { type: "cut_after", pieces: 1 } }]);
    expect(await ask()).toMatchObject({ type: "interrupted", reasoning: "hm", text: "" });
    expect(fake.requests).toHaveLength(1);
  });

  test("silence is a time-out", async () => {
    asker = open({ idleMs: 1_500 });
    fake.script(() => ({ text: ["a", "b"], gate: never, gateAfter: 1 }));
    expect(await ask()).toMatchObject({ type: "interrupted", text: "a", error: { type: "model_timeout" } });
    await fake.requests.at(-1)?.gone;
    expect(fake.requests.at(-1)?.closed).toBe(true);
  });

  test("anthropic's input tokens are known although the answer broke off", async () => {
    fake.script([
      { text: ["a", "b"], usage: { input: 321, output: 9 }, fault: { type: "cut_after", pieces: 1 } },
    ]);
    const result = await ask({ model: "anthropic/claude-haiku-4-5" });
    expect(result).toMatchObject({
      type: "interrupted",
      usage: { input_tokens: 321, output_tokens: 1, estimated: true },
    });
  });
});

describe("cancel", () => {
  test("G11 while it streams: what came is kept and charged, the socket is closed", async () => {
    const stop = new AbortController();
    fake.script([{ text: ["kept ", "never"], gate: never, gateAfter: 1 }]);
    const result = await ask({ signal: stop.signal, onText: () => stop.abort("cancelled") });
    expect(result).toMatchObject({
      type: "cancelled",
      text: "kept ",
      usage: { output_tokens: 2, estimated: true },
    });
    // By nothing else: its silence would be borne for longer than this test is.
    await fake.requests[0]?.gone;
    expect(fake.requests[0]?.closed).toBe(true);
  });

  test("while it waits for the next attempt: nothing is asked any more", async () => {
    const stop = new AbortController();
    asker = open({ sleep: async () => stop.abort("deadline") });
    fake.script([status(500)]);
    expect(await ask({ signal: stop.signal })).toMatchObject({ type: "cancelled", text: "" });
    expect(fake.requests).toHaveLength(1);
  });
});

describe("G13 a failing model rests for all runs", () => {
  test("other runs go straight to the fallback, and come back when it is well again", async () => {
    let now = 0;
    asker = open({ fallback: ["openai/other"], now: () => now });
    const over = { deadlineAt: 1_000_000 };
    byModel({ fake: status(500), other: { text: "other" } });
    await ask(over);
    fake.requests.length = 0;
    expect(await ask(over)).toMatchObject({ model: "openai/other" });
    expect(asked()).toEqual(["other"]);
    now += 30_000;
    byModel({ fake: { text: "well again" } });
    expect(await ask(over)).toMatchObject({ model: "openai/fake" });
    expect(await ask(over)).toMatchObject({ model: "openai/fake" });
  });

  test("without a fallback it is asked all the same", async () => {
    fake.script([status(500), status(500), status(500), { text: "ok" }]);
    expect(await ask()).toMatchObject({ type: "failed" });
    expect(await ask()).toMatchObject({ type: "answered", text: "ok" });
  });

  test("prompts that are refused put no model to rest", async () => {
    asker = open({ fallback: ["openai/other"] });
    fake.script([status(400), status(400), status(400), { text: "ok" }]);
    for (let index = 0; index < 3; index += 1) expect(await ask()).toMatchObject({ type: "failed" });
    expect(await ask()).toMatchObject({ model: "openai/fake", text: "ok" });
  });
});

describe("what operators and other users have of failures", () => {
  test("each failed question is told, with nothing of the provider's words", async () => {
    const told: unknown[] = [];
    asker = open({ onFailure: (failure) => void told.push(failure) });
    fake.script([status(503, {}, "key sk-canary"), { text: "fine" }]);
    await ask();
    expect(told).toEqual([
      { model: "openai/fake", run_id: "run_test", type: "model_unavailable", failed: 1, again_in_ms: 250 },
    ]);
  });

  test("a question too long for one model goes to a fallback that takes more, not to one that does not", async () => {
    const models = openModels({
      openai: { baseUrl: `${fake.url}/v1`, apiKey: "k" },
      anthropic: { baseUrl: fake.url, apiKey: "k" },
    });
    asker = open({ models, fallback: ["openai/other", "openai/gpt-4.1"] });
    const long = status(400, {}, { error: { code: "context_length_exceeded" } });
    byModel({ fake: long, other: { text: "never asked" }, "gpt-4.1": { text: "it fits" } });
    expect(await ask()).toMatchObject({ type: "answered", model: "openai/gpt-4.1", text: "it fits" });
    expect(asked()).toEqual(["fake", "gpt-4.1"]);
  });

  test("what a content filter takes away is not sent around, and puts no model to rest", async () => {
    const filtered: FakeTurn = { finish: "content_filter" };
    asker = open({ fallback: ["openai/other"] });
    byModel({ fake: filtered });
    for (let time = 0; time < 4; time += 1)
      expect(await ask()).toMatchObject({ type: "failed", error: { type: "model_filtered" } });
    expect(new Set(asked())).toEqual(new Set(["fake"]));
  });
});

describe("an answer that is none", () => {
  const empty: FakeTurn = { finish: "stop" };
  const malformed: FakeTurn = { finish: "function_call_filter: MALFORMED_FUNCTION_CALL" };

  test("is asked again once; the second time it is told", async () => {
    fake.script([empty, { text: "now then" }]);
    expect(await ask()).toMatchObject({ type: "answered", text: "now then" });
    fake.script([empty, empty, { text: "never asked" }]);
    expect(await ask()).toMatchObject({ type: "failed", error: { type: "model_empty" } });
    expect(fake.requests).toHaveLength(4);
  });

  test("a call that cannot be read is asked again, then a typed error", async () => {
    fake.script([malformed, { toolCalls: [{ name: "t", arguments: {} }] }]);
    expect(await ask()).toMatchObject({ type: "answered", toolCalls: [{ name: "t" }] });
    fake.script(() => malformed);
    expect(await ask()).toMatchObject({
      type: "failed",
      error: { type: "model_malformed_call", retryable: true },
    });
  });

  test("thoughts that led to nothing are void when it is asked again, and charged all the same", async () => {
    const retries: Retry[] = [];
    const nothing: FakeTurn = { reasoning: "hm", finish: "stop", usage: { input: 5, output: 7 } };
    fake.script([nothing, { text: "yes", usage: { input: 6, output: 1 } }]);
    const onRetry = (retry: Retry) => void retries.push(retry);
    expect(await ask({ onRetry })).toMatchObject({
      ...{ type: "answered", text: "yes", reasoning: "" },
      usage: { input_tokens: 11, output_tokens: 8 },
    });
    expect(retries).toMatchObject([{ attempt: 2, of: 2, isVoid: true }]);
    fake.script([nothing, nothing]);
    expect(await ask()).toMatchObject({
      type: "interrupted",
      error: { type: "model_empty" },
      usage: { input_tokens: 10, output_tokens: 14 },
    });
  });

  test("none of it puts the model to rest for others; the fallback may do better", async () => {
    asker = open({ fallback: ["openai/other"] });
    byModel({ fake: empty, other: { text: "from the other" } });
    for (let time = 0; time < 3; time += 1) expect(await ask()).toMatchObject({ text: "from the other" });
    expect(asked().filter((model) => model === "fake")).toHaveLength(6);
  });

  test("a reason that nobody knows is told as what it is, with what came", async () => {
    fake.script([{ text: "so far", finish: "cosmic_ray<script>" }]);
    const result = await ask();
    expect(result).toMatchObject({ type: "interrupted", text: "so far", error: { type: "model_ended" } });
    expect(result.type === "interrupted" && result.error.message).toContain('("cosmic_rayscript")');
  });
});

describe("while nobody hears anything", () => {
  test("each further question is told, with its reason and its pause, also to another model", async () => {
    const retries: Retry[] = [];
    asker = open({ fallback: ["openai/other"] });
    byModel({ fake: status(503), other: { text: "there" } });
    await ask({ onRetry: (retry) => void retries.push(retry) });
    expect(retries).toEqual([
      { attempt: 2, of: 3, reason: "openai has a fault of its own (HTTP 503)", wait_ms: 250, isVoid: false },
      { attempt: 3, of: 3, reason: "openai has a fault of its own (HTTP 503)", wait_ms: 500, isVoid: false },
      {
        attempt: 1,
        of: 3,
        reason: "openai has a fault of its own (HTTP 503); openai/other is asked instead",
        wait_ms: 0,
        isVoid: false,
      },
    ]);
  });

  test("a local model may take longer for its first word than for the next one", async () => {
    asker = open({ idleMs: 1_000, loadMs: 30_000 });
    const late = sleepFor(1_500);
    fake.script([{ text: ["a", "b"], gate: late }]);
    expect(await ask()).toMatchObject({ type: "answered", text: "ab" });
    fake.script([{ text: ["a", "b"], gate: never, gateAfter: 1 }]);
    const result = await ask();
    expect(result).toMatchObject({ type: "interrupted", text: "a", error: { type: "model_timeout" } });
    expect(result.type === "interrupted" && result.error.message).toContain("(MODEL_IDLE_S)");
  });

  test("the failure names the setting that ruled", async () => {
    fake.script(() => ({ text: "x", fault: { type: "hang" } }));
    asker = open({ idleMs: 30 });
    expect(await ask()).toMatchObject({ error: { message: expect.stringContaining("(MODEL_IDLE_S)") } });
    asker = open({ idleMs: 10, loadMs: 40 });
    expect(await ask()).toMatchObject({ error: { message: expect.stringContaining("(MODEL_LOAD_S)") } });
  });
});

test("an answer is limited to what the window of its model leaves", async () => {
  const models = openModels({ openai: { baseUrl: `${fake.url}/v1` } });
  fake.models = [{ id: "fake", max_model_len: 6_144 }];
  await models.list();
  asker = open({ models });
  await ask({ messages: [{ role: "user", content: "word".repeat(2_973) }], maxOutputTokens: 4_096 });
  expect(fake.requests[0]?.body.max_tokens).toBeLessThanOrEqual(3_171);
  expect(fake.requests[0]?.body.max_tokens).toBeGreaterThan(2_000);
});
