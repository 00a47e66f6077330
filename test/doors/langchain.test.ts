// LangChain's chat model for OpenAI, unmodified, against a real server: by chat completions and by responses.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { type AIMessageChunk, HumanMessage, SystemMessage, type ToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { ChatOpenAI } from "@langchain/openai";
import { z } from "zod";
import { type ClientDoor, openClientDoor } from "../support/client-door.ts";

let door: ClientDoor;
beforeAll(async () => {
  door = await openClientDoor();
});
afterEach(() => door.stack.fake.script());
afterAll(() => door.stop());

type Options = ConstructorParameters<typeof ChatOpenAI>[0];

function at(model: string, more: Options & object = {}): ChatOpenAI {
  return new ChatOpenAI({
    ...{ model, apiKey: door.key, maxRetries: 0 },
    configuration: { baseURL: `${door.stack.server.url}/v1` },
    ...more,
  });
}

const weather = tool(({ city }) => `rain in ${city}`, {
  name: "weather",
  description: "the weather of a city",
  schema: z.object({ city: z.string() }),
});

async function joined(stream: AsyncIterable<AIMessageChunk>): Promise<AIMessageChunk> {
  let all: AIMessageChunk | undefined;
  for await (const piece of stream) all = all === undefined ? piece : all.concat(piece);
  if (!all) throw new Error("nothing was said");
  return all;
}

/** What LangChain throws is the SDK's own error, as another copy of its class may have made it. */
type Refusal = { name: string; status: number; code: string; headers: Headers; message: string };
const refusal = (asked: Promise<unknown>): Promise<Refusal> =>
  asked.then(
    () => Promise.reject(new Error("it was not refused")),
    (thrown: unknown) => thrown as Refusal,
  );

describe.each([
  ["chat completions", false],
  ["responses", true],
])("by %s", (_name, useResponsesApi) => {
  test.each(["openai/fake", "macjarvis/openai/fake", "macjarvis"])("%s answers", async (id) => {
    const model = at(id, { useResponsesApi });
    const asked = [new SystemMessage("Be kind."), new HumanMessage("hello 東京")];
    const whole = await model.invoke(asked);
    expect(whole.text).toBe("echo: hello 東京");
    expect(whole.usage_metadata?.input_tokens).toBeGreaterThan(0);
    const streamed = await joined(await model.stream(asked));
    expect(streamed.text).toBe("echo: hello 東京");
    expect(streamed.usage_metadata?.total_tokens).toBe(whole.usage_metadata?.total_tokens);
  });

  test("tools of the program's own, whole and streamed; their results go back", async () => {
    const model = at("openai/fake", { useResponsesApi }).bindTools([weather]);
    const question = new HumanMessage('call:weather {"city":"Bonn"}\ncall:weather {"city":"Köln"}');
    for (const ask of [() => model.invoke([question]), async () => joined(await model.stream([question]))]) {
      const first = await ask();
      expect(first.tool_calls?.map(({ name, args }) => [name, args])).toEqual([
        ["weather", { city: "Bonn" }],
        ["weather", { city: "Köln" }],
      ]);
      const results: ToolMessage[] = [];
      for (const call of first.tool_calls ?? []) results.push(await weather.invoke(call));
      const last = await model.invoke([question, first, ...results]);
      expect(last.text).toBe("done: rain in Bonn | rain in Köln");
    }
  });

  test("a choice of tools goes to the model", async () => {
    door.stack.fake.script([{ toolCalls: [{ name: "weather", arguments: { city: "Rom" } }] }]);
    const model = at("openai/fake", { useResponsesApi }).bindTools([weather], { tool_choice: "weather" });
    const { tool_calls } = await model.invoke("x");
    expect(tool_calls).toMatchObject([{ args: { city: "Rom" } }]);
    expect(door.stack.fake.requests.at(-1)?.body.tool_choice).toMatchObject({ type: "function" });
  });

  test.each(["jsonSchema", "functionCalling"] as const)("an object by %s", async (method) => {
    const schema = z.object({ name: z.string(), age: z.number() });
    const value = { name: "Ada", age: 36 };
    door.stack.fake.script([
      method === "jsonSchema"
        ? { text: JSON.stringify(value) }
        : { toolCalls: [{ name: "person", arguments: value }] },
    ]);
    const model = at("openai/fake", { useResponsesApi }).withStructuredOutput(schema, {
      method,
      name: "person",
    });
    expect(await model.invoke("who?")).toEqual(value);
  });

  test("a conversation goes on with LangChain's own form of what was said", async () => {
    const model = at("openai/fake", { useResponsesApi });
    const first = new HumanMessage({ content: "my name is Ada", name: "ada" });
    const asked = useResponsesApi ? new HumanMessage("my name is Ada") : first;
    const said = await model.invoke([asked]);
    const streamed = await joined(await model.stream([asked, said, new HumanMessage("and")]));
    const last = await model.invoke([
      asked,
      said,
      new HumanMessage("and"),
      streamed,
      new HumanMessage("now"),
    ]);
    expect(last.text).toBe("echo: now");
  });

  test("a wrong key, an unknown model, a vendor that refuses", async () => {
    const wrongKey = await refusal(at("openai/fake", { useResponsesApi, apiKey: "mj_wrong" }).invoke("x"));
    expect([wrongKey.status, wrongKey.code]).toEqual([401, "invalid_api_key"]);
    const unknown = await refusal(at("nobody", { useResponsesApi }).invoke("x"));
    expect([unknown.status, unknown.code]).toEqual([404, "model_not_found"]);
    const body = {
      error: { message: "maximum context length is 100 tokens", code: "context_length_exceeded" },
    };
    door.stack.fake.script([{ fault: { type: "status", status: 400, body } }]);
    const refused = await refusal(at("openai/fake", { useResponsesApi }).invoke("x"));
    expect([refused.status, refused.message]).toEqual([400, expect.stringContaining("context")]);
  });

  test("a limit says when to come again", async () => {
    await door.whileLimited(async () => {
      const error = await refusal(at("openai/fake", { useResponsesApi }).invoke("x"));
      expect([error.status, error.code]).toEqual([429, "insufficient_quota"]);
      expect(Number(error.headers.get("retry-after"))).toBeGreaterThan(0);
    });
  });

  test("who aborts ends the run", async () => {
    const gate = Promise.withResolvers<void>();
    const leaving = new AbortController();
    door.stack.fake.script([{ text: ["one ", "two"], gate: gate.promise, gateAfter: 1 }]);
    const stream = await at("openai/fake", { useResponsesApi }).stream("long", { signal: leaving.signal });
    const read = (async () => {
      for await (const piece of stream) if (piece.text === "one ") leaving.abort();
    })();
    await expect(read).rejects.toThrow(/abort/i);
    await door.newestIs("cancelled");
    gate.resolve();
  });

  test("a server that dies in the middle: the client asks again with its key and gets the answer of the one run", async () => {
    const gate = Promise.withResolvers<void>();
    const before = (await door.runs()).length;
    const words = `through-a-crash-${useResponsesApi ? "again" : "once"}`;
    door.stack.fake.script([{ text: "lost", gate: gate.promise }, { text: "the answer" }]);
    const asked = at("openai/fake", { useResponsesApi, maxRetries: 8 }).invoke(words, {
      options: { headers: { "Idempotency-Key": words } },
    });
    await door.stack.fake.waitForRequest(({ heard }) => heard.message === words);
    await door.restart();
    gate.resolve();
    expect((await asked).text).toBe("the answer");
    expect((await door.runs()).length).toBe(before + 1);
  });
});
