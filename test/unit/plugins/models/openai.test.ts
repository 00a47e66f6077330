import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { ModelProvider } from "../../../../contracts/models.ts";
import { requestBody } from "../../../../plugins/models/openai/request.ts";
import { openaiProvider } from "../../../../plugins/models/openai.ts";
import { NOTHING_LEARNT } from "../../../../plugins/models/wire/lessons.ts";
import { type FakeModel, startFakeModel } from "../../../support/fake-model-server.ts";
import { ask } from "./ask-provider.ts";

let fake: FakeModel;
let provider: ModelProvider;
beforeAll(async () => {
  fake = await startFakeModel();
  provider = openaiProvider({ baseUrl: `${fake.url}/v1`, apiKey: "sk-canary" });
});
afterAll(() => fake.close());
beforeEach(() => {
  fake.script();
  fake.requests.length = 0;
});

describe("what is asked", () => {
  test("an earlier answer of nothing at all is left out: several servers refuse it, and with it the whole session", async () => {
    await ask(provider, {
      model: "any",
      messages: [
        { role: "user", content: "one" },
        { role: "assistant", content: "" },
        { role: "user", content: "two" },
        { role: "assistant", content: " \n" },
        { role: "user", content: "three" },
      ],
      tools: [],
    });
    expect(fake.requests[0]?.body.messages).toEqual([
      { role: "user", content: "one" },
      { role: "user", content: "two" },
      { role: "user", content: "three" },
    ]);
  });

  test("messages, tools and limits are in OpenAI's words, with the key in the header only", async () => {
    await ask(provider, {
      model: "meta-llama/llama-3",
      maxOutputTokens: 50,
      messages: [
        { role: "system", content: "be brief" },
        { role: "user", content: "go" },
        {
          role: "assistant",
          content: "",
          tool_calls: [{ wire_id: "call_1", name: "read_file", arguments: '{"path":"a"}' }],
        },
        { role: "tool", wire_id: "call_1", name: "read_file", content: "text" },
      ],
      tools: [{ name: "read_file", description: "reads", parameters: { type: "object" } }],
    });
    const [request] = fake.requests;
    expect(request?.path).toBe("/v1/chat/completions");
    expect(request?.headers.authorization).toBe("Bearer sk-canary");
    expect(request?.body).toEqual({
      model: "meta-llama/llama-3",
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 50,
      messages: [
        { role: "system", content: "be brief" },
        { role: "user", content: "go" },
        {
          role: "assistant",
          content: null,
          tool_calls: [
            { id: "call_1", type: "function", function: { name: "read_file", arguments: '{"path":"a"}' } },
          ],
        },
        { role: "tool", tool_call_id: "call_1", content: "text" },
      ],
      tools: [
        {
          type: "function",
          function: {
            name: "read_file",
            description: "reads",
            parameters: { type: "object", properties: {} },
          },
        },
      ],
    });
  });

  test("calls with the same or no id get ids of their own, and their results follow them in order", async () => {
    await ask(provider, {
      messages: [
        { role: "user", content: "go" },
        {
          role: "assistant",
          content: "",
          tool_calls: [
            { wire_id: "same", name: "a", arguments: "{}" },
            { wire_id: "same", name: "b", arguments: "{}" },
            { wire_id: "", name: "c", arguments: "{}" },
          ],
        },
        { role: "tool", wire_id: "same", name: "a", content: "of a" },
        { role: "tool", wire_id: "same", name: "b", content: "of b" },
        { role: "tool", wire_id: "", name: "c", content: "of c" },
      ],
    });
    const messages = fake.requests[0]?.body.messages as Record<string, unknown>[];
    const calls = messages[1]?.tool_calls as { id: string }[];
    const ids = calls.map((call) => call.id);
    expect(new Set(ids).size).toBe(3);
    expect(messages.slice(2).map((message) => message.tool_call_id)).toEqual(ids);
  });

  test("an id that an earlier step has used already is not used again: Anthropic refuses it", async () => {
    const step = (content: string) => [
      {
        role: "assistant" as const,
        content: "",
        tool_calls: [{ wire_id: "one", name: "a", arguments: "{}" }],
      },
      { role: "tool" as const, wire_id: "one", name: "a", content },
    ];
    await ask(provider, { messages: [{ role: "user", content: "go" }, ...step("first"), ...step("second")] });
    const messages = fake.requests[0]?.body.messages as {
      tool_calls?: { id: string }[];
      tool_call_id?: string;
    }[];
    const made = messages.flatMap((message) => message.tool_calls ?? []).map((call) => call.id);
    expect(new Set(made).size).toBe(2);
    expect(messages.flatMap((message) => message.tool_call_id ?? [])).toEqual(made);
  });

  test("malformed arguments of an earlier call go back as a valid object, so that servers that parse them do not fail", async () => {
    await ask(provider, {
      messages: [
        { role: "user", content: "go" },
        {
          role: "assistant",
          content: "",
          tool_calls: [{ wire_id: "x", name: "a", arguments: '{"path": "/tm' }],
        },
        { role: "tool", wire_id: "x", name: "a", content: "invalid" },
      ],
    });
    const messages = fake.requests[0]?.body.messages as {
      tool_calls?: { function: { arguments: string } }[];
    }[];
    const sent = messages[1]?.tool_calls?.[0]?.function.arguments ?? "";
    expect(JSON.parse(sent)).toEqual({ malformed_arguments: '{"path": "/tm' });
  });

  test("arguments nested deeper than can be written go back as text", async () => {
    const deep = `{"a":${"[".repeat(20_000)}${"]".repeat(20_000)}}`;
    const messages = [
      { role: "user" as const, content: "go" },
      { role: "assistant" as const, content: "", tool_calls: [{ wire_id: "x", name: "a", arguments: deep }] },
      { role: "tool" as const, wire_id: "x", name: "a", content: "no" },
    ];
    expect((await ask(provider, { messages })).error).toBeUndefined();
    expect(JSON.stringify(fake.requests[0]?.body)).toContain("malformed_arguments");
  });

  test("OpenAI itself gets its newer names, Gemini the signature its calls need", async () => {
    const calls = [
      { role: "user" as const, content: "go" },
      { role: "assistant" as const, content: "", tool_calls: [{ wire_id: "x", name: "a", arguments: "{}" }] },
      { role: "tool" as const, wire_id: "x", name: "a", content: "done" },
    ];
    const request = {
      model: "gpt-6-luna",
      messages: calls,
      tools: [{ name: "a", description: "", parameters: {} }],
      maxOutputTokens: 10,
      signal: new AbortController().signal,
      runId: "run_test",
    };
    const openai = JSON.parse(
      requestBody(request, { provider: "openai", isOpenAi: true, learnt: NOTHING_LEARNT }),
    );
    expect(openai).toMatchObject({ max_completion_tokens: 10, reasoning_effort: "none" });
    expect(openai.max_tokens).toBeUndefined();
    const gemini = openaiProvider({ baseUrl: `${fake.url}/v1beta/openai/`, apiKey: "k", name: "gemini" });
    await ask(gemini, request);
    expect(fake.requests[0]?.path).toBe("/v1beta/openai/chat/completions");
    expect(JSON.stringify(fake.requests[0]?.body)).toContain("thought_signature");
    expect(fake.requests[0]?.body.max_tokens).toBe(10);
  });

  test("without a key no authorization is sent", async () => {
    const open = openaiProvider({ baseUrl: `${fake.url}/v1` });
    const said = await ask(open);
    expect(said.text).toBe("echo: hello");
    expect(fake.requests[0]?.headers.authorization).toBeUndefined();
  });

  test("connections are used again", async () => {
    const ports = new Set<unknown>();
    for (let index = 0; index < 12; index += 1) {
      await ask(provider);
      ports.add(fake.requests.at(-1)?.clientPort);
    }
    expect(ports.size).toBeLessThan(6);
  });
});

describe("an address without a path", () => {
  const onlyAt = (place: string) =>
    fake.script(({ path }) =>
      path === `${place}/chat/completions`
        ? { text: ["here"] }
        : { fault: { type: "status", status: 404, body: { error: "no such page" } } },
    );
  const paths = () => fake.requests.map(({ path }) => path);

  test("of a server that answers at /v1 is asked there, once it is known only there", async () => {
    onlyAt("/v1");
    const bare = openaiProvider({ baseUrl: fake.url });
    expect((await ask(bare)).text).toBe("here");
    expect((await ask(bare)).text).toBe("here");
    const [written, meant] = ["/chat/completions", "/v1/chat/completions"];
    expect(paths()).toEqual([written, meant, meant]);
  });

  test("of a server that answers there stays, also after a model it does not know", async () => {
    onlyAt("/other");
    const bare = openaiProvider({ baseUrl: `${fake.url}/` });
    expect((await ask(bare)).error).toMatchObject({ data: { show: { reason: "unknown_model" } } });
    onlyAt("");
    expect((await ask(bare)).text).toBe("here");
    expect((await ask(bare)).text).toBe("here");
    expect(paths().slice(2)).toEqual(["/chat/completions", "/chat/completions"]);
  });

  test("is the only kind that means another one", async () => {
    onlyAt("/v1");
    const { error } = await ask(openaiProvider({ baseUrl: `${fake.url}/api` }));
    expect(error).toMatchObject({ type: "model_rejected" });
    expect(paths()).toEqual(["/api/chat/completions"]);
  });
});
