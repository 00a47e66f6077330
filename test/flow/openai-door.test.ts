// The door for programs made for OpenAI, as HTTP: shapes to the letter, refusals, what goes to the vendor, what is kept.

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createParser } from "eventsource-parser";
import { type Client, register } from "../support/client.ts";
import { declareTooLarge } from "../support/raw-http.ts";
import { type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
let user: Awaited<ReturnType<typeof register>>;
beforeAll(async () => {
  stack = await startStack({ FALLBACK_MODELS: "" });
  user = await register(stack.server.url);
});
afterAll(() => stack.stop());

type Body = Record<string, unknown>;
const hello = [{ role: "user", content: "hello" }];
const ask = (body: Body, headers: Record<string, string> = {}, who: Client = user) =>
  who.callAt<Body>(
    "POST",
    "/v1/chat/completions",
    { model: "openai/fake", messages: hello, ...body },
    headers,
  );
const lastQuestion = () => stack.fake.requests.at(-1)?.body ?? {};

async function stream(body: Body, headers: Record<string, string> = {}) {
  const response = await fetch(`${stack.server.url}/v1/chat/completions`, {
    method: "POST",
    headers: { Authorization: `Bearer ${user.token}`, "Content-Type": "application/json", ...headers },
    body: JSON.stringify({ model: "openai/fake", messages: hello, stream: true, ...body }),
  });
  const text = await response.text();
  const data: string[] = [];
  createParser({ onEvent: (event) => data.push(event.data) }).feed(text);
  return {
    response,
    text,
    last: data.at(-1),
    chunks: data.filter((one) => one !== "[DONE]").map((one) => JSON.parse(one)),
  };
}

describe("the model alone", () => {
  test("a completion has the vendor's shape, and the usage is the run's", async () => {
    const { status, body, headers } = await ask({});
    expect([status, body.error]).toEqual([200, undefined]);
    const run = headers.get("x-run-id") ?? "";
    expect(body).toEqual({
      id: run.replace("run_", "chatcmpl-"),
      object: "chat.completion",
      created: expect.any(Number),
      model: "openai/fake",
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: "echo: hello", refusal: null, annotations: [] },
          logprobs: null,
          finish_reason: "stop",
        },
      ],
      usage: expect.any(Object),
    });
    const shown = await user.call<{ run: { usage: Record<string, number> } }>("GET", `/agent/runs/${run}`);
    const { input_tokens = 0, output_tokens = 0 } = shown.body.run.usage;
    expect(body.usage).toEqual({
      prompt_tokens: input_tokens,
      completion_tokens: output_tokens,
      total_tokens: input_tokens + output_tokens,
    });
    expect(shown.body.run).toMatchObject({ mode: "model", source: "openai", finish_reason: "stop" });
    expect(headers.get("x-ratelimit-limit-requests")).toBe("200");
    expect(headers.get("x-ratelimit-reset-requests")).toMatch(/^(\d+h)?(\d+m)?\d+s$/);
  });

  test("the question is the caller's and nothing else", async () => {
    const parameters = { temperature: 0.3, top_p: 0.9, seed: 7, stop: ["END"], presence_penalty: 0.1 };
    await ask({
      ...parameters,
      messages: [{ role: "system", content: "Be brief." }, ...hello],
      max_completion_tokens: 50,
      response_format: { type: "json_object" },
    });
    const { messages, model, ...sent } = lastQuestion();
    expect([model, messages]).toEqual(["fake", [{ role: "system", content: "Be brief." }, ...hello]]);
    expect(sent).toEqual({
      ...parameters,
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 50,
      response_format: { type: "json_object" },
    });
  });

  test("calls are handed back, in parallel, and their results go back to the vendor under its own ids", async () => {
    const tools = [
      { type: "function", function: { name: "weather", parameters: { type: "object" }, strict: true } },
    ];
    const content = 'call:weather {"city":"Köln"}\ncall:weather {"city":"東京"}';
    const messages = [{ role: "user", content }];
    const first = await ask({ messages, tools, tool_choice: "required", parallel_tool_calls: true });
    expect(lastQuestion()).toMatchObject({
      tools: [{ type: "function", function: { name: "weather", strict: true } }],
      tool_choice: "required",
    });
    type Call = { id: string; function: { name: string; arguments: string } };
    const [choice] = first.body.choices as {
      finish_reason: string;
      message: { tool_calls: Call[]; content: null };
    }[];
    expect(choice).toMatchObject({ finish_reason: "tool_calls", message: { content: null } });
    const calls = choice?.message.tool_calls ?? [];
    expect(calls.map((call) => JSON.parse(call.function.arguments))).toEqual([
      { city: "Köln" },
      { city: "東京" },
    ]);
    expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
    const results = calls.map(({ id }, index) => ({
      role: "tool",
      tool_call_id: id,
      content: `sunny ${index}`,
    }));
    const next = await ask({ messages: [...messages, choice?.message, ...results], tools });
    expect(next.body.choices).toMatchObject([{ message: { content: "done: sunny 0 | sunny 1" } }]);
    const sent = lastQuestion().messages as Record<string, unknown>[];
    expect(sent[1]).toMatchObject({ tool_calls: [{ id: "call_0" }, { id: "call_1" }] });
    expect(sent.slice(2).map((message) => message.tool_call_id)).toEqual(["call_0", "call_1"]);
  });

  test("a stream begins with the role, gives calls by index, ends once, and then the usage", async () => {
    const content = 'call:weather {"city":"Köln"}\ncall:time {}';
    const named = (name: string) => ({ type: "function", function: { name } });
    const { chunks, last, response } = await stream({
      messages: [{ role: "user", content }],
      tools: [named("weather"), named("time")],
      stream_options: { include_usage: true },
    });
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(last).toBe("[DONE]");
    const choices = chunks.slice(0, -1).map((chunk) => chunk.choices[0]);
    expect(choices[0]).toEqual({
      index: 0,
      delta: { role: "assistant", content: "", refusal: null },
      logprobs: null,
      finish_reason: null,
    });
    const deltas = choices.flatMap(({ delta }) => delta.tool_calls ?? []);
    expect(
      deltas.filter((delta) => delta.id).map(({ index, type, function: called }) => [index, type, called]),
    ).toEqual([
      [0, "function", { name: "weather", arguments: "" }],
      [1, "function", { name: "time", arguments: "" }],
    ]);
    const text = (index: number) =>
      deltas
        .filter((delta) => delta.index === index)
        .map((delta) => delta.function.arguments)
        .join("");
    expect([text(0), text(1)]).toEqual(['{"city":"Köln"}', "{}"]);
    expect(choices.filter(({ finish_reason }) => finish_reason !== null)).toEqual([
      { index: 0, delta: {}, logprobs: null, finish_reason: "tool_calls" },
    ]);
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: expect.any(Number) } });
    expect(
      new Set(chunks.map(({ id, object, created, model }) => JSON.stringify([id, object, created, model])))
        .size,
    ).toBe(1);
  });

  test("characters that come in pieces are whole, and nothing says usage unless asked", async () => {
    const words = "👩‍👩‍👧 naïve 東京 ".repeat(50);
    const { chunks } = await stream({ messages: [{ role: "user", content: words }] });
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("")).toContain(words.trim());
    expect(chunks.some((chunk) => "usage" in chunk)).toBe(false);
  });
});

describe("what is refused", () => {
  type Error = { message: string; type: string; param: string | null; code: string | null };
  const refusal = async (body: Body, headers: Record<string, string> = {}) => {
    const answer = await ask(body, headers);
    return { status: answer.status, ...(answer.body.error as Error) };
  };

  test.each([
    ["n", 2],
    ["logprobs", true],
    ["top_logprobs", 3],
    ["audio", { voice: "alloy", format: "mp3" }],
    ["modalities", ["text", "audio"]],
    ["prediction", { type: "content", content: "x" }],
    ["functions", [{ name: "old" }]],
    ["function_call", "auto"],
    ["web_search_options", {}],
    ["service_tier", "priority"],
  ])("%s is refused by its name", async (name, value) => {
    const before = stack.fake.requests.length;
    expect(await refusal({ [name]: value })).toMatchObject({
      ...{ status: 400, type: "invalid_request_error", param: name, code: null },
      message: expect.stringContaining(`"${name}"`),
    });
    expect(stack.fake.requests.length).toBe(before);
  });

  test("what changes nothing is taken", async () => {
    const aside = {
      user: "u-1",
      metadata: { a: "b" },
      store: true,
      service_tier: "auto",
      n: 1,
      logprobs: false,
    };
    const more = { safety_identifier: "s", prompt_cache_key: "k", modalities: ["text"], temperature: null };
    expect((await ask({ ...aside, ...more })).status).toBe(200);
  });

  test("an unknown field is told as the vendor tells it", async () => {
    expect(await refusal({ top_k: 3 })).toEqual({
      ...{ status: 400, message: "Unknown parameter: 'top_k'.", type: "invalid_request_error" },
      ...{ param: "top_k", code: "unknown_parameter" },
    });
  });

  test.each([
    [
      "a result without its call",
      [...hello, { role: "tool", tool_call_id: "call_1", content: "x" }],
      "messages[1]",
    ],
    [
      "a call without its result",
      [
        ...hello,
        {
          role: "assistant",
          tool_calls: [{ id: "c", type: "function", function: { name: "f", arguments: "{" } }],
        },
        ...hello,
      ],
      "messages[1]",
    ],
    [
      "a picture that is none",
      [{ role: "user", content: [{ type: "image_url", image_url: { url: "data:text/html;base64,AAAA" } }] }],
      "messages[0].content[0].image_url.url",
    ],
    [
      "a file",
      [{ role: "user", content: [{ type: "file", file: { file_id: "x" } }] }],
      "messages[0].content",
    ],
    ["no message", [], "messages"],
  ])("%s is refused with its place", async (_name, messages, param) => {
    expect(await refusal({ messages })).toMatchObject({ status: 400, param, type: "invalid_request_error" });
  });

  test("tools of the caller's with the agent: the refusal says to use the model alone", async () => {
    const tools = [{ type: "function", function: { name: "mine" } }];
    expect(await refusal({ model: "macjarvis/openai/fake", tools })).toMatchObject({
      ...{ status: 400, param: "tools" },
      message: expect.stringMatching(/model alone, "openai\/fake"/),
    });
  });

  test("a model that is not there is 404, and one's own words name the parameter that a model cannot take", async () => {
    expect(await refusal({ model: "gpt-9" })).toMatchObject({ status: 404, code: "model_not_found" });
    expect(await refusal({ model: "demo/demo", response_format: { type: "json_object" } })).toMatchObject({
      ...{ status: 400, param: "response_format" },
    });
    expect(await refusal({ model: "demo/demo", max_tokens: 5, stop: "x" })).toMatchObject({
      status: 400,
      param: "stop",
    });
  });

  test("a parameter that the vendor's server refuses is named, and the question is not asked without it", async () => {
    const body = {
      error: { message: "Unsupported value: 'temperature' does not support 0.2", param: "temperature" },
    };
    stack.fake.script([{ fault: { type: "status", status: 400, body } }]);
    const before = stack.fake.requests.length;
    for (const stream of [false, true])
      expect(await refusal({ temperature: 0.2, stream })).toMatchObject(
        stream ? { status: 200 } : { status: 400, param: "temperature", type: "invalid_request_error" },
      );
    expect(stack.fake.requests.length).toBe(before + 2);
    stack.fake.script();
  });

  test("a stream that fails before its first token has a status", async () => {
    const body = {
      error: { message: "maximum context length is 100 tokens", code: "context_length_exceeded" },
    };
    stack.fake.script([{ fault: { type: "status", status: 400, body } }]);
    const { response, text } = await stream({});
    expect([response.status, JSON.parse(text).error]).toMatchObject([
      400,
      { code: "context_length_exceeded", param: "messages" },
    ]);
  });

  test("one that breaks off in the middle says so in the stream, without an end", async () => {
    stack.fake.script([{ text: ["one ", "two ", "three "], fault: { type: "cut_after", pieces: 2 } }]);
    const { chunks, text } = await stream({});
    expect(chunks.at(-1)).toMatchObject({ error: { type: "server_error", code: "model_interrupted" } });
    expect(text).not.toContain("[DONE]");
    stack.fake.script();
  });

  test("before a route is found it is OpenAI's error too", async () => {
    const { url } = stack.server;
    const send = async (path: string, init: RequestInit, token = user.token) => {
      const headers = {
        "Content-Type": "application/json",
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
      };
      const response = await fetch(url + path, {
        method: "POST",
        ...init,
        headers: { ...headers, ...init.headers },
      });
      return [response.status, ((await response.json()) as { error: Error }).error.code] as const;
    };
    expect(await send("/v1/chat/completions", { body: "{" })).toEqual([400, null]);
    expect(await send("/v1/chat/completions", { body: "{}" }, "")).toEqual([401, "invalid_api_key"]);
    expect(await send("/v1/chat/completions", { body: "{}" }, "mj_wrong")).toEqual([401, "invalid_api_key"]);
    expect(await send("/v1/nothing", {})).toEqual([404, null]);
    expect(await send("/v1/models", {})).toEqual([405, "method_not_supported"]);
    const large = await declareTooLarge(stack.server.url, "/v1/chat/completions", {
      Authorization: `Bearer ${user.token}`,
      "Content-Type": "application/json",
    });
    expect([large.status, JSON.parse(large.body).error.code]).toEqual([413, "body_too_large"]);
    expect(
      await send("/v1/chat/completions", { body: "{}", headers: { Origin: "http://evil.example" } }),
    ).toEqual([403, "origin_not_allowed"]);
  });

  test("a key without the scope may not, and one of the limits says when", async () => {
    const key = await user.call<{ secret: string }>("POST", "/users/me/keys", {
      name: "r",
      scopes: ["sessions:read"],
    });
    const answer = await user.callAt<{ error: Error }>(
      "POST",
      "/v1/chat/completions",
      { model: "openai/fake", messages: hello },
      { Authorization: `Bearer ${key.body.secret}` },
    );
    expect([answer.status, answer.body.error.code]).toEqual([403, "scope_missing"]);
  });
});

describe("models", () => {
  test("each is there as the agent and alone, and found by an id with slashes, escaped or not", async () => {
    const { body } = await user.callAt<{ object: string; data: { id: string }[] }>("GET", "/v1/models");
    expect(body.object).toBe("list");
    expect(body.data.map(({ id }) => id)).toEqual(
      expect.arrayContaining(["macjarvis", "macjarvis/openai/fake", "openai/fake", "demo/demo"]),
    );
    for (const id of ["openai/fake", "openai%2Ffake", "macjarvis", "macjarvis/openai%2Ffake"]) {
      const one = await user.callAt<Record<string, unknown>>("GET", `/v1/models/${id}`);
      expect([one.status, one.body.id]).toEqual([200, decodeURIComponent(id)]);
    }
    expect((await user.callAt("GET", "/v1/models/none")).status).toBe(404);
  });
});
