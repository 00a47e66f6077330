// The unmodified SDK of OpenAI against a real server: streaming, tools, cancel, errors, limits, and a restart in the middle.
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import OpenAI from "openai";
import { zodResponseFormat, zodTextFormat } from "openai/helpers/zod";
import { z } from "zod";
import { Client, register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { waitFor } from "../support/wait-for.ts";

let stack: Stack;
let user: Awaited<ReturnType<typeof register>>;
let openai: OpenAI;
beforeAll(async () => {
  stack = await startStack({ FALLBACK_MODELS: "" });
  stack.fake.models = ["fake", "other"];
  user = await register(stack.server.url);
  openai = new OpenAI({
    baseURL: `${stack.server.url}/v1`,
    apiKey: await key(["chat", "sessions:read"]),
    maxRetries: 0,
  });
});
afterAll(() => stack.stop());

async function key(scopes: string[]): Promise<string> {
  const { body } = await user.call<{ secret: string }>("POST", "/users/me/keys", {
    name: scopes.join(" "),
    scopes,
  });
  return body.secret;
}
const say = (content: string) => [{ role: "user" as const, content }];
const runOf = async (id: string) =>
  (await user.call<{ run: { status: string; finish_reason: string | null } }>("GET", `/agent/runs/${id}`))
    .body.run;

describe("the openai SDK", () => {
  test("lists models and finds one whose id has slashes", async () => {
    // A server that has answered is there, however busy this machine was when it was looked at.
    await openai.chat.completions.create({ model: "openai/fake", messages: say("hello") });
    const ids: string[] = [];
    for await (const model of openai.models.list()) ids.push(model.id);
    expect(ids).toEqual(expect.arrayContaining(["macjarvis", "macjarvis/openai/fake", "openai/fake"]));
    expect((await openai.models.retrieve("openai/fake")).id).toBe("openai/fake");
  });

  test.each(["openai/fake", "macjarvis/openai/fake", "macjarvis"])(
    "%s answers, whole and streamed",
    async (model) => {
      const whole = await openai.chat.completions.create({ model, messages: say("hello 東京") });
      expect(whole.choices[0]?.message.content).toBe("echo: hello 東京");
      const stream = openai.chat.completions.stream({
        model,
        messages: say("hello 東京"),
        stream_options: { include_usage: true },
      });
      const final = await stream.finalChatCompletion();
      expect([final.choices[0]?.message.content, final.choices[0]?.finish_reason]).toEqual([
        "echo: hello 東京",
        "stop",
      ]);
      expect(final.usage?.total_tokens).toBe(whole.usage?.total_tokens);
    },
  );

  test("its tool runner calls the program's own tools and goes on", async () => {
    const seen: unknown[] = [];
    const runner = openai.chat.completions.runTools({
      model: "openai/fake",
      stream: true,
      messages: say('call:weather {"city":"Bonn"}\ncall:weather {"city":"Köln"}'),
      tools: [
        {
          type: "function",
          function: {
            name: "weather",
            description: "the weather",
            parameters: { type: "object", properties: { city: { type: "string" } } },
            parse: JSON.parse,
            function: (args: unknown) => {
              seen.push(args);
              return "rain";
            },
          },
        },
      ],
    });
    expect(await runner.finalContent()).toBe("done: rain | rain");
    expect(seen).toEqual([{ city: "Bonn" }, { city: "Köln" }]);
  });

  test("responses: whole, streamed, gone on from, read, deleted", async () => {
    const first = await openai.responses.create({ model: "openai/fake", input: "my name is Ada" });
    expect(first.output_text).toBe("echo: my name is Ada");
    const stream = openai.responses.stream({
      model: "macjarvis/openai/fake",
      input: "and now",
      previous_response_id: first.id,
    });
    const deltas: string[] = [];
    stream.on("response.output_text.delta", ({ delta }) => deltas.push(delta));
    const final = await stream.finalResponse();
    expect([final.output_text, deltas.join("")]).toEqual(["echo: and now", "echo: and now"]);
    expect((await openai.responses.retrieve(final.id)).output_text).toBe("echo: and now");
    await openai.responses.delete(final.id);
    await expect(openai.responses.retrieve(final.id)).rejects.toMatchObject({ status: 404 });
  });

  test("an object comes as its schema says, by both", async () => {
    const person = z.object({ name: z.string(), age: z.number() });
    const value = { name: "Ada", age: 36 };
    stack.fake.script(() => ({ text: JSON.stringify(value) }));
    const completion = await openai.chat.completions.parse({
      ...{ model: "openai/fake", messages: say("who?") },
      response_format: zodResponseFormat(person, "person"),
    });
    expect(completion.choices[0]?.message.parsed).toEqual(value);
    const response = await openai.responses.parse({
      ...{ model: "openai/fake", input: "who?" },
      text: { format: zodTextFormat(person, "person") },
    });
    expect(response.output_parsed).toEqual(value);
    stack.fake.script();
  });

  test("responses: the program's own tools, streamed; all that was said goes back", async () => {
    const input: OpenAI.Responses.ResponseInput = [
      { role: "user", content: 'call:weather {"city":"Bonn"}\ncall:weather {"city":"Köln"}' },
    ];
    const parameters = { type: "object", properties: { city: { type: "string" } } };
    const tools = [{ type: "function" as const, name: "weather", parameters, strict: false }];
    const asked = { model: "openai/fake", tools, store: false };
    const first = await openai.responses.stream({ ...asked, input }).finalResponse();
    const calls = first.output.filter((item) => item.type === "function_call");
    expect(calls.map((call) => JSON.parse(call.arguments))).toEqual([{ city: "Bonn" }, { city: "Köln" }]);
    const results = calls.map(({ call_id }, index) => ({
      ...{ type: "function_call_output" as const, call_id, output: `rain ${index}` },
    }));
    // The SDK's types of what is said and of what is sent differ in kinds of items that are none of ours.
    const said = first.output as OpenAI.Responses.ResponseInputItem[];
    const last = await openai.responses.create({ ...asked, input: [...input, ...said, ...results] });
    expect(last.output_text).toBe("done: rain 0 | rain 1");
  });

  test("responses: who aborts cancels the model alone, and an agent's is cancelled by its id", async () => {
    const gate = Promise.withResolvers<void>();
    const turn = { text: ["one ", "two"], gate: gate.promise, gateAfter: 1 };
    stack.fake.script(() => turn);
    for (const model of ["openai/fake", "macjarvis/openai/fake"]) {
      const { data, response } = await openai.responses
        .create({ model, input: "long", stream: true })
        .withResponse();
      const run = response.headers.get("x-run-id") ?? "";
      if (model === "openai/fake") data.controller.abort();
      else expect((await openai.responses.cancel(run.replace("run_", "resp_"))).status).toBe("cancelled");
      await waitFor("the cancel", async () => (await runOf(run)).status === "cancelled");
    }
    gate.resolve();
    stack.fake.script();
  });

  test("errors are the SDK's own kinds, with what is at fault", async () => {
    const bad = new OpenAI({ baseURL: openai.baseURL, apiKey: "mj_wrong", maxRetries: 0 });
    await expect(bad.models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
    const other = new OpenAI({
      baseURL: openai.baseURL,
      apiKey: await key(["sessions:read"]),
      maxRetries: 0,
    });
    const body = { model: "openai/fake", messages: say("x") };
    await expect(other.chat.completions.create(body)).rejects.toBeInstanceOf(OpenAI.PermissionDeniedError);
    await expect(openai.chat.completions.create({ ...body, model: "none" })).rejects.toBeInstanceOf(
      OpenAI.NotFoundError,
    );
    await expect(openai.chat.completions.create({ ...body, n: 3 })).rejects.toMatchObject({
      status: 400,
      param: "n",
    });
  });

  test("who aborts cancels the model alone", async () => {
    const gate = Promise.withResolvers<void>();
    stack.fake.script([{ text: ["one ", "two"], gate: gate.promise, gateAfter: 1 }]);
    const { data, response } = await openai.chat.completions
      .create({ model: "openai/fake", messages: say("long"), stream: true })
      .withResponse();
    data.controller.abort();
    const run = response.headers.get("x-run-id") ?? "";
    await waitFor("the cancel", async () => (await runOf(run)).status === "cancelled");
    gate.resolve();
    stack.fake.script();
  });

  test("a limit is a rate limit error that says when", async () => {
    const admin = new Client(stack.server.url, await stack.server.ownerKey());
    await admin.call("PATCH", `/admin/users/${user.id}`, { limits: { runs_per_day: 1 } });
    const asked = openai.chat.completions.create({ model: "openai/fake", messages: say("x") });
    const error = await asked.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(OpenAI.RateLimitError);
    expect(error).toMatchObject({ code: "insufficient_quota" });
    const { headers } = error as InstanceType<typeof OpenAI.RateLimitError>;
    expect([headers?.get("x-ratelimit-limit-requests"), Number(headers?.get("retry-after")) > 0]).toEqual([
      "1",
      true,
    ]);
    await admin.call("PATCH", `/admin/users/${user.id}`, { limits: null });
  });

  test("a server that dies in the middle: the SDK asks again with its key and gets the answer of the one run", async () => {
    const patient = openai.withOptions({ maxRetries: 8 });
    const count = async () => (await user.call<{ runs: object[] }>("GET", "/agent/runs")).body.runs.length;
    const before = await count();
    const asks: [words: string, ask: (words: string) => Promise<string | null | undefined>][] = [
      [
        "crash-of-a-completion",
        async (words) => {
          const body = { model: "openai/fake", messages: say(words) };
          const headers = { "Idempotency-Key": words };
          const { choices } = await patient.chat.completions.create(body, { headers });
          return choices[0]?.message.content;
        },
      ],
      [
        "crash-of-a-response",
        async (words) => {
          const headers = { "Idempotency-Key": words };
          return (await patient.responses.create({ model: "openai/fake", input: words }, { headers }))
            .output_text;
        },
      ],
    ];
    for (const [words, ask] of asks) {
      const gate = Promise.withResolvers<void>();
      stack.fake.script([{ text: "lost", gate: gate.promise }, { text: "the answer" }]);
      const asked = ask(words);
      await stack.fake.waitForRequest(({ heard }) => heard.message === words);
      await stack.restart({ PORT: new URL(stack.server.url).port });
      gate.resolve();
      expect(await asked).toBe("the answer");
    }
    expect(await count()).toBe(before + asks.length);
    stack.fake.script();
  });

  test("a server that dies in the middle breaks the stream; the agent's run goes on after its restart", async () => {
    const gate = Promise.withResolvers<void>();
    stack.fake.script([{ text: ["one ", "two"], gate: gate.promise, gateAfter: 1 }]);
    const { data, response } = await openai.chat.completions
      .create({ model: "macjarvis/openai/fake", messages: say("survive"), stream: true })
      .withResponse();
    const run = response.headers.get("x-run-id") ?? "";
    const read = (async () => {
      for await (const chunk of data) void chunk;
    })().catch((thrown: unknown) => thrown);
    stack.fake.script();
    await stack.restart();
    gate.resolve();
    expect(Error.isError(await read)).toBe(true);
    user.url = stack.server.url;
    await waitFor("the end", async () => (await runOf(run)).finish_reason === "stop");
  });
});
