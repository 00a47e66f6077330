// A session whose history a vendor could refuse goes on: what is stored can always be sent again, in later runs too.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { register, textOf } from "../support/client.ts";
import type { FakeToolCall, FakeTurn } from "../support/fake-model/turn.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { anthropicFaults } from "../support/vendor-grammars/anthropic.ts";
import { mistralFaults, openaiFaults } from "../support/vendor-grammars/openai.ts";

type WireMessage = {
  role: string;
  content: string | null;
  reasoning_content?: string;
  tool_call_id?: string;
  tool_calls?: { id: string; function: { name: string; arguments: string } }[];
};

const ANTHROPIC = "anthropic/claude-haiku-4-5";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    MODELS: `openai/fake,openai/mistral-small,${ANTHROPIC}`,
    ANTHROPIC_API_KEY: "k",
  });
  await stack.restart({ ANTHROPIC_BASE_URL: stack.fake.url });
});
afterAll(() => stack.stop());
beforeEach(() => {
  stack.fake.script();
  stack.fake.requests.length = 0;
});

const messages = (at: number) => (stack.fake.requests.at(at)?.body.messages ?? []) as WireMessage[];
const faultsOf = (model: string) => (model === ANTHROPIC ? anthropicFaults : openaiFaults);

/** A run with these turns, then a second message in the same session. @returns all that was asked, in order */
async function twoRuns(turns: FakeTurn[], model: string, second = model) {
  const user = await register(stack.server.url);
  stack.fake.script(turns);
  const first = await user.chat({ message: "go", model });
  const session_id = String(first[0]?.data.session_id);
  const events = await user.chat({ message: "and now?", session_id, model: second });
  expect(events.at(-1)?.data).toMatchObject({ status: "completed" });
  return { user, session_id, events };
}

const call = (name: string, more: Partial<FakeToolCall> = {}): FakeToolCall => ({
  name,
  arguments: {},
  ...more,
});

test.each([
  ["functions.read_file", "openai/fake"],
  ["read file!", "openai/fake"],
  ["", "openai/fake"],
  ["functions.read_file", ANTHROPIC],
  ["read file!", ANTHROPIC],
  ["", ANTHROPIC],
])(
  "a tool named %j by %s goes back by a name that is taken, at once and in the next run",
  async (name, model) => {
    await twoRuns([{ toolCalls: [call(name)] }, { text: "no such tool" }], model);
    expect(stack.fake.requests).toHaveLength(3);
    for (const { body } of stack.fake.requests) expect(faultsOf(model)(body)).toEqual([]);
  },
);

test("thoughts beside a call go back with it, in the next run too, and never leave the server otherwise", async () => {
  const { user, session_id } = await twoRuns(
    [
      { reasoning: ["I ", "look"], toolCalls: [call("no_such_tool")] },
      { reasoning: "done", text: "so" },
    ],
    "openai/fake",
  );
  expect(messages(1).find((one) => one.tool_calls)?.reasoning_content).toBe("I look");
  expect(messages(2).find((one) => one.tool_calls)?.reasoning_content).toBe("I look");
  expect(messages(2).filter((one) => one.reasoning_content)).toHaveLength(1);
  for (const path of ["messages", "export", "export?format=md"]) {
    const shown = await user.call("GET", `/sessions/${session_id}/${path}`);
    expect(JSON.stringify(shown.body)).not.toMatch(/I look|"wire"/);
  }
});

test("Mistral's ids of calls are its own in the next run; what never had one gets nine letters and digits", async () => {
  await twoRuns(
    [{ toolCalls: [call("no_such_tool", { id: "aB3xK9mP2" })] }, { text: "so" }],
    "openai/mistral-small",
  );
  expect(messages(2).find((one) => one.tool_calls)?.tool_calls?.[0]?.id).toBe("aB3xK9mP2");
  expect(messages(2).find((one) => one.role === "tool")?.tool_call_id).toBe("aB3xK9mP2");
  stack.fake.requests.length = 0;
  await twoRuns(
    [{ toolCalls: [call("no_such_tool", { id: null })] }, { text: "so" }],
    "openai/mistral-small",
  );
  for (const { body } of stack.fake.requests) expect(mistralFaults(body)).toEqual([]);
});

test("a session may change its vendor at any time", async () => {
  const turns = [
    { reasoning: "hm", toolCalls: [call("functions.x", { id: "functions.x:0" })] },
    { text: "so" },
  ];
  await twoRuns(turns, "openai/fake", ANTHROPIC);
  expect(anthropicFaults(stack.fake.requests.at(-1)?.body ?? {})).toEqual([]);
  await twoRuns(turns, ANTHROPIC, "openai/mistral-small");
  expect(mistralFaults(stack.fake.requests.at(-1)?.body ?? {})).toEqual([]);
});

test("a result of 12,000 emoji is cut between them, for this run and for the next", async () => {
  const path = join(stack.workspace, "parrots.txt");
  await writeFile(path, `x${"🦜".repeat(12_000)}`);
  const { events } = await twoRuns(
    [{ toolCalls: [{ name: "read_file", arguments: { path, max_bytes: 50_000 } }] }, { text: "parrots" }],
    "openai/fake",
  );
  expect(textOf(events)).toBe("echo: and now?");
  for (const at of [1, 2]) {
    const result = messages(at).find((one) => one.role === "tool")?.content ?? "";
    expect([result.includes("characters cut"), result.isWellFormed(), result.includes("\ufffd")]).toEqual([
      true,
      true,
      false,
    ]);
  }
});

test("the four letters null are the arguments of a tool that has none", async () => {
  const user = await register(stack.server.url);
  stack.fake.script([{ toolCalls: [{ name: "system_info", arguments: "null" }] }, { text: "seen" }]);
  const events = await user.chat({ message: "what machine?" });
  expect(events.find(({ event }) => event === "tool_result")?.data).toMatchObject({
    ok: true,
    status: "done",
  });
});

test("a server whose thoughts come between tags is heard as one that gives them apart", async () => {
  const user = await register(stack.server.url);
  stack.fake.script([{ text: ["<thi", "nk>pl", "an</th", "ink>", "answer"] }]);
  const events = await user.chat({ message: "go", tools: [] });
  expect(textOf(events)).toBe("answer");
  const thoughts = events.filter(({ event }) => event === "reasoning").map(({ data }) => data.text);
  expect(thoughts.join("")).toBe("plan");
});
