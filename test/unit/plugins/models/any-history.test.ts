// Whatever the journal holds can be rendered so that the vendor takes it: arbitrary histories against the vendors' grammars.
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { KeptState, ModelRequest, PromptMessage, PromptTool } from "../../../../contracts/models.ts";
import * as anthropic from "../../../../plugins/models/anthropic/request.ts";
import { geminiSchema } from "../../../../plugins/models/openai/gemini-schema.ts";
import * as openai from "../../../../plugins/models/openai/request.ts";
import { NOTHING_LEARNT } from "../../../../plugins/models/wire/lessons.ts";
import { plainSchema } from "../../../../plugins/models/wire/offered-tools.ts";
import type { Demand } from "../../../../plugins/models/wire/told-facts.ts";
import { anthropicFaults } from "../../../support/vendor-grammars/anthropic.ts";
import { geminiFaults, mistralFaults, openaiFaults } from "../../../support/vendor-grammars/openai.ts";

/** Texts of any UTF-16 units, halves of pairs among them. */
const anyText = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 20 }),
  fc.array(fc.nat(0xffff), { maxLength: 8 }).map((units) => String.fromCharCode(...units)),
  fc.constantFrom(
    "",
    " ",
    "\n\t",
    "a\0b",
    "\u001b[31m",
    "\ud83d",
    "x\udc00y",
    "(no output)",
    '{"a":"\\ud83d"}',
  ),
);
const anyName = fc.oneof(
  fc.constantFrom(
    "read_file",
    "functions.read_file",
    "read file!",
    "",
    "9lives",
    "a".repeat(80),
    "工具",
    "\ud800",
  ),
  anyText,
);
const anyId = fc.oneof(
  fc.constantFrom(
    "",
    "same",
    "aB3xK9mP2",
    "functions.read_file:0",
    "toolu_01A",
    "x".repeat(83),
    "call with blanks",
  ),
  fc.constant("call_01k0000000000000000000000a_001_000"),
  anyText,
);
const anyArguments = fc.oneof(
  fc.constantFrom("", "null", "{}", '{"a":', "[]", '"{}"', `{"a":${"[".repeat(200)}${"]".repeat(200)}}`),
  fc.json(),
  anyText.map((text) => JSON.stringify({ [text]: text })),
);
const anyKept: fc.Arbitrary<KeptState> = fc.oneof(
  fc.record({
    by: fc.constantFrom("openai/m", "gemini/m", "gemini/other", "deepseek/r"),
    value: fc.record(
      {
        reasoning_content: anyText,
        extras: fc.constant([{ extra_content: { google: { thought_signature: "S" } } }]),
      },
      { requiredKeys: [] },
    ),
  }),
  fc.record({
    by: fc.constantFrom("anthropic/m", "anthropic/other"),
    value: fc.constant([
      { type: "thinking", thinking: "hm", signature: "S" },
      { type: "redacted_thinking", data: "D" },
    ]),
  }),
);
const anyMessage: fc.Arbitrary<PromptMessage> = fc.oneof(
  fc.record({ role: fc.constant("user" as const), content: anyText }),
  fc.record({ role: fc.constant("system" as const), content: anyText }),
  fc.record(
    {
      role: fc.constant("tool" as const),
      wire_id: anyId,
      name: anyName,
      content: anyText,
      images: fc.array(fc.constant({ media_type: "image/png", data: "iVBORw0KGgo=" }), { maxLength: 2 }),
    },
    { requiredKeys: ["role", "wire_id", "name", "content"] },
  ),
  fc.record(
    {
      role: fc.constant("assistant" as const),
      content: anyText,
      tool_calls: fc.array(fc.record({ wire_id: anyId, name: anyName, arguments: anyArguments }), {
        maxLength: 3,
      }),
      kept: anyKept,
    },
    { requiredKeys: ["role", "content"] },
  ),
);
const { schema: anySchema } = fc.letrec((tie) => ({
  schema: fc.oneof({ maxDepth: 3, depthSize: "small" }, fc.constant({ type: "string" }), tie("whole")),
  whole: fc.record(
    {
      type: fc.constantFrom<unknown>("object", "array", "string", "integer", ["string", "null"]),
      description: anyText,
      properties: fc.dictionary(
        fc.oneof(fc.constantFrom("path", "enum", "a b", "x".repeat(70)), anyText),
        tie("schema"),
        { maxKeys: 3 },
      ),
      required: fc.constantFrom(["path"], ["path", "gone"], []),
      items: tie("schema"),
      anyOf: fc.array(tie("schema"), { maxLength: 3 }),
      enum: fc.constantFrom<unknown[]>(["a", ""], [1, 2], [null]),
      const: fc.constantFrom<unknown>("one", 1, null),
      exclusiveMinimum: fc.nat(9),
      additionalProperties: fc.boolean(),
      $ref: fc.constantFrom("#", "#/$defs/x", "#/nowhere"),
      default: fc.jsonValue(),
    },
    { requiredKeys: [] },
  ),
}));
const anyTool: fc.Arbitrary<PromptTool> = fc.record({
  name: fc.oneof({ weight: 3, arbitrary: fc.stringMatching(/^[a-z][a-z0-9_]{1,20}$/) }, anyName),
  description: fc.oneof(anyText, fc.constant("🦜".repeat(1_200))),
  parameters: anySchema as fc.Arbitrary<Record<string, unknown>>,
});

const anyRequest = (model: string): fc.Arbitrary<ModelRequest> =>
  fc.record({
    model: fc.constant(model),
    messages: fc.array(anyMessage, { maxLength: 12 }),
    tools: fc.array(anyTool, { maxLength: 4 }),
    signal: fc.constant(new AbortController().signal),
    runId: fc.constant("run_test"),
  });
const withUser = (request: ModelRequest): ModelRequest => ({
  ...request,
  messages: [...request.messages, { role: "user", content: "and now?" }],
});

const dialect = (provider: string) => ({ provider, isOpenAi: provider === "openai", learnt: NOTHING_LEARNT });
const having = (...demands: Demand[]) => ({ ...NOTHING_LEARNT, demands: new Set(demands) });
const rolesOf = (body: Record<string, unknown>) =>
  (body.messages as { role: string }[]).map(({ role }) => role);
const RENDERERS: [
  string,
  string,
  (request: ModelRequest) => string,
  (body: Record<string, unknown>) => string[],
][] = [
  ["OpenAI", "m", (request) => openai.requestBody(request, dialect("openai")), openaiFaults],
  ["a local server", "m", (request) => openai.requestBody(request, dialect("mine")), openaiFaults],
  ["Mistral", "mistral-small", (request) => openai.requestBody(request, dialect("mistral")), mistralFaults],
  ["Gemini", "m", (request) => openai.requestBody(request, dialect("gemini")), geminiFaults],
  [
    "Gemma, which knows no system role,",
    "m",
    (request) => openai.requestBody(request, { ...dialect("gemini"), learnt: having("no_system") }),
    (body) => [...geminiFaults(body), ...rolesOf(body).filter((role) => role === "system")],
  ],
  [
    "a server that takes calls only where tools are offered",
    "m",
    (request) =>
      openai.requestBody(
        { ...request, tools: [] },
        { ...dialect("mine"), learnt: having("calls_in_words", "alternation", "plain_ids") },
      ),
    (body) => [...openaiFaults(body), ...rolesOf(body).filter((role) => role === "tool")],
  ],
  [
    "a server that is told in mere words",
    "m",
    (request) => openai.requestBody(request, { ...dialect("mine"), learnt: having("plain_history") }),
    (body) => [...openaiFaults(body), ...rolesOf(body).filter((role) => role === "tool")],
  ],
  [
    "a server whose model sees nothing",
    "m",
    (request) => openai.requestBody(request, { ...dialect("mine"), learnt: having("no_images") }),
    (body) => [...openaiFaults(body), ...(JSON.stringify(body).includes('"image_url"') ? ["pictures"] : [])],
  ],
  [
    "Anthropic in mere words",
    "m",
    (request) => anthropic.requestBody(request, "anthropic", 1_000, having("plain_history")),
    (body) => [...anthropicFaults(body), ...(JSON.stringify(body).includes('"tool_use"') ? ["calls"] : [])],
  ],
  ["Anthropic", "m", (request) => anthropic.requestBody(request, "anthropic", 1_000), anthropicFaults],
];

describe.each(RENDERERS)("any history, rendered for %s,", (_vendor, model, render, faultsOf) => {
  test("keeps to the vendor's grammar", () => {
    fc.assert(
      fc.property(anyRequest(model), (request) => {
        const body = JSON.parse(render(withUser(request))) as Record<string, unknown>;
        expect(faultsOf(body)).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  test("looks the same every time, and begins the same when it goes on: vendors cache the beginning", () => {
    fc.assert(
      fc.property(anyRequest(model), (request) => {
        const asked = withUser(request);
        expect(render(asked)).toBe(render(asked));
        const messages = (one: ModelRequest) => (JSON.parse(render(one)) as { messages: unknown[] }).messages;
        const more: PromptMessage[] = [
          { role: "assistant", content: "fine" },
          { role: "user", content: "next" },
        ];
        const [before, after] = [
          messages(asked),
          messages({ ...asked, messages: [...asked.messages, ...more] }),
        ];
        expect(after.slice(0, before.length)).toEqual(before);
      }),
      { numRuns: 100 },
    );
  });
});

test("a schema that leads to itself, and one that grows with each reference, stay small for Gemini", () => {
  const person = {
    type: "object",
    properties: { mother: { $ref: "#" }, father: { $ref: "#" }, kids: { $ref: "#" } },
  };
  const doubling = Object.fromEntries(
    Array.from({ length: 40 }, (_, n) => [
      `d${n}`,
      { type: "object", properties: { a: { $ref: `#/$defs/d${n + 1}` }, b: { $ref: `#/$defs/d${n + 1}` } } },
    ]),
  );
  for (const schema of [
    person,
    { type: "object", properties: { x: { $ref: "#/$defs/d0" } }, $defs: doubling },
  ])
    expect(JSON.stringify(geminiSchema(plainSchema(schema))).length).toBeLessThan(50_000);
});

test("128 tools are offered, the first ones", () => {
  const tools = Array.from({ length: 150 }, (_, n) => ({
    name: `tool_${n}`,
    description: "d",
    parameters: {},
  }));
  const request: ModelRequest = {
    model: "m",
    messages: [{ role: "user", content: "go" }],
    tools,
    signal: new AbortController().signal,
    runId: "run_test",
  };
  const body = JSON.parse(openai.requestBody(request, dialect("openai"))) as {
    tools: { function: { name: string } }[];
  };
  expect(body.tools.map((tool) => tool.function.name)).toEqual(tools.slice(0, 128).map(({ name }) => name));
});
