import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { ModelProvider } from "../../../../contracts/models.ts";
import { anthropicProvider } from "../../../../plugins/models/anthropic.ts";
import { openaiProvider } from "../../../../plugins/models/openai.ts";
import type { FakeTurn } from "../../../support/fake-model/turn.ts";
import { type FakeModel, startFakeModel } from "../../../support/fake-model-server.ts";
import { ask } from "./ask-provider.ts";
import { data } from "./openai-frames.ts";

let fake: FakeModel;
const providers: Record<string, ModelProvider> = {};
beforeAll(async () => {
  fake = await startFakeModel();
  providers.openai = openaiProvider({ baseUrl: `${fake.url}/v1`, apiKey: "sk-canary-4711" });
  providers.anthropic = anthropicProvider({ baseUrl: fake.url, apiKey: "sk-canary-4711" });
});
afterAll(() => fake.close());
beforeEach(() => fake.script());

const provider = (name: string): ModelProvider => providers[name] as ModelProvider;
const QUOTE = "Incorrect API key provided: sk-canary-4711 for prompt 'my secret'";
const status = (code: number, message = QUOTE, headers: Record<string, string> = {}): FakeTurn => ({
  fault: {
    type: "status",
    status: code,
    headers,
    body: { type: "error", error: { message, type: "some_error", code: null } },
  },
});

describe.each(["openai", "anthropic"])("errors of %s", (name) => {
  const cases: [string, FakeTurn, string, RegExp, unknown?][] = [
    ["429", status(429), "model_rate_limited", /limits our requests/],
    [
      "429 for want of credit",
      status(429, "insufficient_quota"),
      "model_rejected",
      /billing/,
      { reason: "no_credit" },
    ],
    ["500", status(500), "model_unavailable", /HTTP 500/],
    ["503", status(503), "model_unavailable", /HTTP 503/],
    ["529", status(529), "model_unavailable", /HTTP 529/],
    ["401", status(401), "model_rejected", /_API_KEY/, { reason: "refused_key" }],
    ["402", status(402), "model_rejected", /billing/, { reason: "no_credit" }],
    ["403", status(403), "model_rejected", /_API_KEY/, { reason: "not_permitted" }],
    ["404", status(404), "model_rejected", /does not know "fake"/, { reason: "unknown_model" }],
    ["400", status(400), "model_rejected", /refused the request/, { reason: "bad_request" }],
    ["422", status(422), "model_rejected", /refused the request/, { reason: "bad_request" }],
    ["a redirect", status(302), "model_rejected", /_BASE_URL/, { reason: "wrong_address" }],
    [
      "a prompt that is too long, in OpenAI's words",
      status(400, "context_length_exceeded"),
      "model_rejected",
      /too long/,
      { reason: "context_length" },
    ],
    [
      "a prompt that is too long, in Anthropic's words",
      status(400, "prompt is too long: 250000 tokens > 200000 maximum"),
      "model_rejected",
      /too long/,
      { reason: "context_length" },
    ],
    [
      "an error page instead of JSON",
      { fault: { type: "status", status: 502, body: `<html>${QUOTE}</html>` } },
      "model_unavailable",
      /HTTP 502/,
    ],
    [
      "a socket closed without a byte",
      { fault: { type: "refuse" } },
      "model_unavailable",
      /cannot be reached/,
    ],
    [
      "a stream cut in the middle",
      { text: ["a", "b", "c"], fault: { type: "cut_after", pieces: 2 } },
      "model_interrupted",
      /broke off/,
    ],
    [
      "a stream cut within an event",
      { text: "a long enough answer".split(" "), fault: { type: "cut", afterBytes: 700 } },
      "model_interrupted",
      /broke off/,
    ],
    [
      "a stream that ends without its end",
      { text: ["a", "b"], fault: { type: "garbage", after: 1, text: "" } },
      "model_interrupted",
      /broke off/,
    ],
    [
      "a stream that turns into garbage",
      { text: ["a", "b"], fault: { type: "garbage", after: 1, text: "data: {]\n\n" } },
      "model_interrupted",
      /broke off/,
    ],
    ["an empty answer", { raw: [] }, "model_interrupted", /broke off/],
    ["JSON that is none", { raw: ['{"choices": ['] }, "model_interrupted", /broke off/],
  ];
  const rows = cases.map(([what, turn, type, detail, show]) => ({ what, turn, type, detail, show }));
  test.each(rows)("$what", async ({ turn, type, detail, show }) => {
    fake.script([turn]);
    const { error, end } = await ask(provider(name));
    expect(error).toMatchObject({ name: "AppError", type });
    expect(error?.message).toMatch(detail);
    expect(error?.data?.show).toEqual(show);
    expect(end).toBeUndefined();
    expect(JSON.stringify([error, error?.message, error?.stack])).not.toMatch(/canary|secret/);
  });

  test.each([
    ["seconds", { "retry-after": "7" }, 7_000],
    ["milliseconds", { "retry-after-ms": "250", "retry-after": "9" }, 250],
    [
      "a date, by the provider's own clock",
      { "retry-after": "Wed, 21 Oct 2015 07:28:30 GMT", date: "Wed, 21 Oct 2015 07:28:00 GMT" },
      30_000,
    ],
    ["nonsense", { "retry-after": "soon" }, undefined],
  ])("Retry-After in %s", async (_what, headers, expected) => {
    fake.script([status(429, "slow down", headers as Record<string, string>)]);
    const { error } = await ask(provider(name));
    expect(error?.data?.retryAfterMs).toBe(expected);
  });

  test("aborting while it streams throws AbortError and closes the socket", async () => {
    const never = new Promise<never>(() => undefined);
    fake.script([{ text: ["first ", "never"], gate: never, gateAfter: 1 }]);
    const stop = new AbortController();
    const asking = ask(provider(name), {
      signal: stop.signal,
      messages: [{ role: "user", content: `abort ${name}` }],
    });
    const request = await fake.waitForRequest((heard) => heard.heard.message === `abort ${name}`);
    await request.begun;
    stop.abort();
    await request.gone;
    expect(request.closed).toBe(true);
    expect((await asking).error?.name).toBe("AbortError");
  });

  test("aborting before a byte came, and before it was asked, throws AbortError too", async () => {
    fake.script([{ text: "x", fault: { type: "hang" } }]);
    const stop = new AbortController();
    const asking = ask(provider(name), {
      signal: stop.signal,
      messages: [{ role: "user", content: `hang ${name}` }],
    });
    const request = await fake.waitForRequest((heard) => heard.heard.message === `hang ${name}`);
    stop.abort();
    await request.gone;
    expect((await asking).error?.name).toBe("AbortError");
    const asked = fake.requests.length;
    expect((await ask(provider(name), { signal: stop.signal })).error?.name).toBe("AbortError");
    expect(fake.requests).toHaveLength(asked);
  });
});

describe("errors inside a response that began well", () => {
  test.each([
    ["rate limit", { code: 429, message: QUOTE }, "model_rate_limited"],
    ["overload", { code: 502, message: QUOTE }, "model_unavailable"],
    ["a bad key", { type: "authentication_error", message: QUOTE }, "model_rejected"],
    ["something", { message: QUOTE }, "model_unavailable"],
  ])("openai, before the first token: %s", async (_what, error, type) => {
    fake.script([{ raw: [`data: ${JSON.stringify({ error })}\n\n`] }]);
    const said = await ask(provider("openai"));
    expect(said.error).toMatchObject({ type });
    expect(said.error?.message).not.toMatch(/canary/);
  });

  test.each<[string, string, string, { reason?: string }]>([
    [
      "vLLM's and Mistral's object",
      data({ object: "error", message: QUOTE, code: 429 }),
      "model_rate_limited",
      {},
    ],
    [
      "an event named error",
      `event: error\n${data({ code: "Throttling.RateQuota", message: QUOTE })}`,
      "model_rate_limited",
      {},
    ],
    ["a bare sentence in it", `event: error\ndata: "${QUOTE}"\n\n`, "model_unavailable", {}],
    [
      "Alibaba's code and message",
      data({ code: "InvalidApiKey", message: "Invalid API-key provided.", request_id: "1" }),
      "model_rejected",
      { reason: "refused_key" },
    ],
    [
      "Baidu's",
      data({ error_code: 110, error_msg: "Access token invalid or no longer valid" }),
      "model_rejected",
      { reason: "refused_key" },
    ],
    [
      "MiniMax's, streamed",
      data({ choices: null, base_resp: { status_code: 1002, status_msg: "rate limit" } }),
      "model_rate_limited",
      {},
    ],
    [
      "MiniMax's, in plain JSON",
      JSON.stringify({ choices: null, base_resp: { status_code: 1008, status_msg: "insufficient balance" } }),
      "model_rejected",
      { reason: "no_credit" },
    ],
    [
      "MiniMax's filter",
      data({ base_resp: { status_code: 1027, status_msg: "output new_sensitive" } }),
      "model_filtered",
      {},
    ],
  ])("openai, %s", async (_what, raw, type, show) => {
    fake.script([{ raw: [raw, "data: [DONE]\n\n"].slice(0, raw.startsWith("{") ? 1 : 2) }]);
    const { error } = await ask(provider("openai"));
    expect(error).toMatchObject({ type });
    expect(error?.data?.show ?? {}).toEqual(show);
    expect(error?.message).not.toMatch(/canary/);
  });

  test("openai, a code that says that all is well is no error", async () => {
    const choices = [{ message: { content: "fine" }, finish_reason: "stop" }];
    fake.script([
      { raw: [JSON.stringify({ code: 0, message: "ok", base_resp: { status_code: 0 }, choices })] },
      {
        raw: [
          data({ code: 200, msg: "success" }),
          data({ choices: [{ delta: { content: "fine" } }] }),
          "data: [DONE]\n\n",
        ],
      },
    ]);
    for (const _each of [1, 2])
      expect(await ask(provider("openai"))).toMatchObject({ text: "fine", error: undefined });
  });

  test("anthropic, an error without its type, and one that is only named so", async () => {
    fake.script([
      { raw: [data({ error: { type: "rate_limit_error", message: QUOTE } })] },
      { raw: [`event: error\n${data({ type: "overloaded_error", message: QUOTE })}`] },
    ]);
    expect((await ask(provider("anthropic"))).error?.type).toBe("model_rate_limited");
    expect((await ask(provider("anthropic"))).error?.type).toBe("model_unavailable");
  });

  test("openai, after the first token: the answer is interrupted", async () => {
    const first = `data: ${JSON.stringify({ choices: [{ delta: { content: "a" } }] })}\n\n`;
    fake.script([{ raw: [first, `data: ${JSON.stringify({ error: { code: 502 } })}\n\n`] }]);
    const said = await ask(provider("openai"));
    expect(said).toMatchObject({ text: "a", error: { type: "model_interrupted" } });
  });

  test("anthropic: overloaded before the first token, interrupted after it", async () => {
    const overloaded = `event: error\ndata: ${JSON.stringify({ type: "error", error: { type: "overloaded_error", message: QUOTE } })}\n\n`;
    fake.script([{ raw: [overloaded] }]);
    expect((await ask(provider("anthropic"))).error).toMatchObject({ type: "model_unavailable" });
    const text = JSON.stringify({
      type: "content_block_delta",
      index: 0,
      delta: { type: "text_delta", text: "a" },
    });
    fake.script([{ raw: [`event: content_block_delta\ndata: ${text}\n\n`, overloaded] }]);
    expect(await ask(provider("anthropic"))).toMatchObject({
      text: "a",
      error: { type: "model_interrupted" },
    });
  });

  test("nobody listens, or the name does not exist: unavailable", async () => {
    const gone = await startFakeModel();
    await gone.close();
    const refused = await ask(openaiProvider({ baseUrl: `${gone.url}/v1` }));
    expect(refused.error).toMatchObject({ type: "model_unavailable" });
    expect(refused.error?.message).toMatch(/is it running/);
    const unknown = await ask(openaiProvider({ baseUrl: "http://no-such-host.invalid/v1" }));
    expect(unknown.error).toMatchObject({ type: "model_unavailable" });
  });

  test.each([
    ["openai", openaiProvider({ apiKey: "sk-canary\nsecond line" })],
    ["anthropic", anthropicProvider({ apiKey: "sk-canary\nsecond line" })],
  ])("%s: a key that fits no header is told in words, without the key", async (_name, broken) => {
    const { error } = await ask(broken);
    expect(error).toMatchObject({ type: "model_rejected" });
    expect(error?.message).toMatch(/_API_KEY/);
    expect(error?.message).not.toMatch(/canary/);
  });
});
