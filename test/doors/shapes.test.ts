// Real answers of the doors for OpenAI's and Anthropic's programs, held against the shapes that the vendors document: for all that no client asserts.
// The grammars are tested in test/unit/support/vendor-grammars.test.ts.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { Client } from "../support/client.ts";
import { type ClientDoor, openClientDoor } from "../support/client-door.ts";
import type { FakeTurn } from "../support/fake-model/turn.ts";
import { chunkFaults, completionFaults, openaiErrorFaults } from "../support/vendor-grammars/chat-answers.ts";
import { framesOf } from "../support/vendor-grammars/frames.ts";
import {
  anthropicErrorFaults,
  messageFaults,
  messageStreamFaults,
} from "../support/vendor-grammars/message-answers.ts";
import { responseFaults, responseStreamFaults } from "../support/vendor-grammars/response-answers.ts";

const CLAUDE = "anthropic/claude-haiku-4-5";
const FAKE = "openai/fake";

let door: ClientDoor;
beforeAll(async () => {
  door = await openClientDoor({ MODELS: `${FAKE},${CLAUDE}`, ANTHROPIC_API_KEY: "k" });
  await door.stack.restart({ ANTHROPIC_BASE_URL: door.stack.fake.url });
  const admin = new Client(door.stack.server.url, await door.stack.server.ownerKey());
  await admin.call("PATCH", `/admin/users/${door.user.id}`, { plan: "enterprise" });
});
afterEach(() => door.stack.fake.script());
afterAll(() => door.stop());

type Protocol = {
  path: string;
  body(model: string, words: string, more: { tools: boolean; stream: boolean }): object;
  whole(body: unknown): string[];
  streamed(text: string): string[];
  /** Of a stream that ends with an error. */
  broken(text: string): string[];
  refused(body: unknown): string[];
};

/** An error in place of the end, after which a client does not wait for one. */
function brokenChunks(text: string): string[] {
  const frames = framesOf(text);
  const faults = openaiErrorFaults(JSON.parse(frames.at(-1)?.data ?? "null"));
  return frames.some(({ data }) => data === "[DONE]") ? [...faults, "stream: says that it is done"] : faults;
}

const parameters = { type: "object", properties: { at: { type: "string" } } };
const said = (content: string) => [{ role: "user", content }];
const PROTOCOLS: Record<string, Protocol> = {
  "chat completions": {
    path: "/v1/chat/completions",
    body: (model, words, { tools, stream }) => ({
      ...{ model, messages: said(words), stream },
      ...(stream ? { stream_options: { include_usage: true } } : {}),
      ...(tools ? { tools: [{ type: "function", function: { name: "look", parameters } }] } : {}),
    }),
    whole: completionFaults,
    streamed: (text) => chunkFaults(framesOf(text), true),
    broken: brokenChunks,
    refused: openaiErrorFaults,
  },
  "chat completions without usage": {
    path: "/v1/chat/completions",
    body: (model, words, { tools, stream }) => ({
      ...{ model, messages: said(words), stream },
      ...(tools ? { tools: [{ type: "function", function: { name: "look", parameters } }] } : {}),
    }),
    whole: completionFaults,
    streamed: (text) => chunkFaults(framesOf(text), false),
    broken: brokenChunks,
    refused: openaiErrorFaults,
  },
  responses: {
    path: "/v1/responses",
    body: (model, words, { tools, stream }) => ({
      ...{ model, input: words, stream },
      ...(tools ? { tools: [{ type: "function", name: "look", parameters }] } : {}),
    }),
    whole: responseFaults,
    streamed: (text) => responseStreamFaults(framesOf(text)),
    broken: (text) => responseStreamFaults(framesOf(text)),
    refused: openaiErrorFaults,
  },
  messages: {
    path: "/anthropic/v1/messages",
    body: (model, words, { tools, stream }) => ({
      ...{ model, messages: said(words), max_tokens: 500, stream },
      ...(tools ? { tools: [{ name: "look", input_schema: parameters }] } : {}),
    }),
    whole: messageFaults,
    streamed: (text) => messageStreamFaults(framesOf(text)),
    broken: (text) => messageStreamFaults(framesOf(text)),
    refused: anthropicErrorFaults,
  },
};

const look = (at: string) => ({ name: "look", arguments: { at } });
const list = { name: "list_directory", arguments: { path: "/" } };
const write = () => ({
  name: "write_file",
  arguments: { path: `${door.stack.workspace}/a.txt`, content: "x" },
});
type Situation = { model?: string; tools?: boolean; turns: () => FakeTurn[]; wait?: string };
const SITUATIONS: Record<string, Situation> = {
  "a text": { turns: () => [{ text: ["Hi ", "東京 👩‍👩‍👧"] }] },
  "a text of a model of Anthropic's": { model: CLAUDE, turns: () => [{ text: ["Hi ", "there"] }] },
  "no words at all": { turns: () => [{ text: "" }] },
  "a call": { tools: true, turns: () => [{ toolCalls: [look("Rome")] }] },
  "words and calls at once": {
    tools: true,
    turns: () => [{ text: "I look.", toolCalls: [look("Rome"), look("Oslo")] }],
  },
  "a call without arguments": {
    tools: true,
    turns: () => [{ toolCalls: [{ name: "look", arguments: "" }] }],
  },
  "thoughts before words": { turns: () => [{ reasoning: ["h", "m"], text: "Well." }] },
  "words that a limit cuts": { turns: () => [{ text: "cut", finish: "length" }] },
  "words that a filter withholds": { turns: () => [{ text: "I", finish: "content_filter" }] },
  "the agent, with what it does": {
    model: `macjarvis/${FAKE}`,
    turns: () => [
      { text: "I look.", reasoning: "hm", toolCalls: [list, list] },
      { toolCalls: [list] },
      { text: "Done." },
    ],
  },
  "the agent, which has to ask": {
    model: `macjarvis/${FAKE}`,
    wait: "0",
    turns: () => [{ text: "I write.", toolCalls: [write()] }],
  },
};

function ask(
  { path, body }: Protocol,
  { model = FAKE, tools = false, turns, wait }: Situation,
  stream: boolean,
) {
  door.stack.fake.script(turns());
  return fetch(door.stack.server.url + path, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${door.key}`,
      "Content-Type": "application/json",
      ...(wait === undefined ? {} : { "X-Approval-Wait": wait }),
    },
    body: JSON.stringify(body(model, "x", { tools, stream })),
  });
}

describe.each(Object.entries(PROTOCOLS))("%s", (_name, protocol) => {
  test.each(Object.entries(SITUATIONS))("%s, whole and streamed", async (_what, situation) => {
    const whole = await ask(protocol, situation, false);
    const body: unknown = await whole.json();
    expect([whole.status, protocol.whole(body), body]).toEqual([200, [], expect.anything()]);
    const streamed = await ask(protocol, situation, true);
    const text = await streamed.text();
    expect([streamed.status, protocol.streamed(text), text]).toEqual([200, [], expect.anything()]);
  });

  test("a vendor's refusal, whole and streamed, and a stream that breaks off", async () => {
    const refusing = {
      error: { message: "maximum context length is 100 tokens", code: "context_length_exceeded" },
    };
    const turns = (): FakeTurn[] => [{ fault: { type: "status", status: 400, body: refusing } }];
    for (const stream of [false, true]) {
      const refused = await ask(protocol, { turns }, stream);
      expect([refused.status, protocol.refused(await refused.json())]).toEqual([400, []]);
    }
    const cut = (): FakeTurn[] => [
      { text: ["one ", "two ", "three"], fault: { type: "cut_after", pieces: 2 } },
    ];
    const text = await (await ask(protocol, { turns: cut }, true)).text();
    expect([protocol.broken(text), text]).toEqual([[], expect.stringMatching(/broke off|interrupted/i)]);
  });
});
