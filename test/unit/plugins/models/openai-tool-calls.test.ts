import { describe, expect, test } from "@jest/globals";
import { openaiEar } from "./openai-ear.ts";
import { DONE, data, delta, piece } from "./openai-frames.ts";

const { hear } = openaiEar();

describe("calls, as servers write them", () => {
  const whole = '{"a":1}';
  const cases: [string, { raw: string[] }, Record<string, unknown>][] = [
    [
      "arguments whole",
      {
        raw: [
          piece({ index: 0, id: "i", function: { name: "t", arguments: whole } }),
          delta({}, "tool_calls"),
          DONE,
        ],
      },
      { calls: [{ wire_id: "i", name: "t", arguments: whole }], end: "tool_calls" },
    ],
    [
      "arguments as an object",
      { raw: [piece({ index: 0, id: "i", function: { name: "t", arguments: { a: 1 } } }), DONE] },
      { calls: [{ wire_id: "i", name: "t", arguments: whole }], end: "tool_calls" },
    ],
    [
      "ids left out",
      {
        raw: [
          piece({ index: 0, function: { name: "t", arguments: '{"a"' } }),
          piece({ index: 0, function: { arguments: ":1}" } }),
          piece({ index: 1, function: { name: "u", arguments: "{}" } }),
          DONE,
        ],
      },
      {
        calls: [
          { wire_id: "", name: "t", arguments: whole },
          { wire_id: "", name: "u", arguments: "{}" },
        ],
      },
    ],
    [
      "the same number for every call, with ids",
      {
        raw: [
          piece({ index: 0, id: "1", function: { name: "t", arguments: whole } }),
          piece({ index: 0, id: "2", function: { name: "t", arguments: '{"a":2}' } }),
          DONE,
        ],
      },
      {
        calls: [
          { wire_id: "1", name: "t", arguments: whole },
          { wire_id: "2", name: "t", arguments: '{"a":2}' },
        ],
      },
    ],
    [
      "the same number for every call, with ids, in pieces",
      {
        raw: [
          piece({ index: 0, id: "1", function: { name: "t", arguments: "" } }),
          piece({ index: 0, id: "2", function: { name: "u", arguments: "" } }),
          piece({ index: 0, function: { arguments: whole } }),
          DONE,
        ],
      },
      {
        calls: [
          { wire_id: "1", name: "t", arguments: "" },
          { wire_id: "2", name: "u", arguments: whole },
        ],
      },
    ],
    [
      "a new id with every piece of one call",
      {
        raw: [
          piece({ index: 0, id: "1", function: { name: "t", arguments: '{"a"' } }),
          piece({ index: 0, id: "2", function: { arguments: ":1}" } }),
          piece({ id: "3", function: { arguments: " " } }),
          DONE,
        ],
      },
      { calls: [{ wire_id: "1", name: "t", arguments: `${whole} ` }] },
    ],
    [
      "the same number and the same id for every call",
      {
        raw: [
          piece({ index: 0, id: "x", function: { name: "t", arguments: whole } }),
          piece({ index: 0, id: "x", function: { name: "u", arguments: "{}" } }),
          DONE,
        ],
      },
      {
        calls: [
          { wire_id: "x", name: "t", arguments: whole },
          { wire_id: "x", name: "u", arguments: "{}" },
        ],
      },
    ],
    [
      "the same id under different numbers, mixed",
      {
        raw: [
          piece({ index: 0, id: "x", function: { name: "t", arguments: "" } }),
          piece({ index: 1, id: "x", function: { name: "u", arguments: "" } }),
          piece({ index: 0, function: { arguments: whole } }),
          piece({ index: 1, function: { arguments: "{}" } }),
          DONE,
        ],
      },
      {
        calls: [
          { wire_id: "x", name: "t", arguments: whole },
          { wire_id: "x", name: "u", arguments: "{}" },
        ],
      },
    ],
    [
      "no numbers, only ids",
      {
        raw: [
          piece({ id: "1", function: { name: "t", arguments: '{"a"' } }),
          piece({ id: "1", function: { arguments: ":1}" } }),
          piece({ id: "2", function: { name: "u", arguments: "{}" } }),
          DONE,
        ],
      },
      {
        calls: [
          { wire_id: "1", name: "t", arguments: whole },
          { wire_id: "2", name: "u", arguments: "{}" },
        ],
      },
    ],
    [
      "neither numbers nor ids",
      {
        raw: [
          piece({ function: { name: "t", arguments: '{"a"' } }),
          piece({ function: { arguments: ":1}" } }),
          piece({ function: { name: "u", arguments: "{}" } }),
          DONE,
        ],
      },
      {
        calls: [
          { wire_id: "", name: "t", arguments: whole },
          { wire_id: "", name: "u", arguments: "{}" },
        ],
      },
    ],
    [
      "id and name repeated with every piece",
      {
        raw: [
          piece({ index: 0, id: "1", function: { name: "t", arguments: '{"a"' } }),
          piece({ index: 0, id: "1", function: { name: "t", arguments: ":1}" } }),
          piece({ index: 0, id: "1", function: { name: "t", arguments: "" } }),
          DONE,
        ],
      },
      { calls: [{ wire_id: "1", name: "t", arguments: whole }] },
    ],
    [
      "calls with a finish_reason of stop",
      {
        raw: [
          piece({ index: 0, id: "1", function: { name: "t", arguments: whole } }),
          delta({}, "stop"),
          DONE,
        ],
      },
      { calls: [{ wire_id: "1", name: "t", arguments: whole }], end: "tool_calls" },
    ],
    [
      "an empty object before the arguments in pieces",
      {
        raw: [
          piece({ index: 0, id: "1", function: { name: "t", arguments: {} } }),
          piece({ index: 0, function: { arguments: '{"a"' } }),
          piece({ index: 0, function: { arguments: ":1}" } }),
          DONE,
        ],
      },
      { calls: [{ wire_id: "1", name: "t", arguments: whole }] },
    ],
    [
      "the whole arguments once more behind their pieces",
      {
        raw: [
          piece({ index: 0, id: "1", function: { name: "t", arguments: '{"a"' } }),
          piece({ index: 0, function: { arguments: ":1}" } }),
          piece({ index: 0, function: { arguments: whole } }),
          DONE,
        ],
      },
      { calls: [{ wire_id: "1", name: "t", arguments: whole }] },
    ],
    [
      "the whole call once more, with its id: it runs once",
      {
        raw: [
          piece({ index: 0, id: "1", function: { name: "t", arguments: "" } }),
          piece({ index: 0, function: { arguments: whole } }),
          piece({ index: 0, id: "1", function: { name: "t", arguments: whole } }),
          DONE,
        ],
      },
      { calls: [{ wire_id: "1", name: "t", arguments: whole }] },
    ],
    [
      "the whole call once more, as `message`: it runs once",
      {
        raw: [
          piece({ index: 0, id: "1", function: { name: "t", arguments: whole } }),
          data({
            choices: [
              {
                message: {
                  content: null,
                  tool_calls: [{ id: "1", function: { name: "t", arguments: whole } }],
                },
                finish_reason: "tool_calls",
              },
            ],
          }),
          DONE,
        ],
      },
      { calls: [{ wire_id: "1", name: "t", arguments: whole }], end: "tool_calls" },
    ],
    [
      "two calls with the same number and other arguments: two calls",
      {
        raw: [
          piece({ index: 0, function: { name: "t", arguments: whole } }),
          piece({ index: 0, function: { name: "t", arguments: '{"a":2}' } }),
          DONE,
        ],
      },
      {
        calls: [
          { wire_id: "", name: "t", arguments: whole },
          { wire_id: "", name: "t", arguments: '{"a":2}' },
        ],
      },
    ],
    [
      "other arguments under one call: nobody knows which are meant, so they stay malformed (G14)",
      {
        raw: [
          piece({ index: 0, id: "1", function: { name: "t", arguments: whole } }),
          piece({ index: 0, function: { arguments: '{"a":2}' } }),
          DONE,
        ],
      },
      { calls: [{ wire_id: "1", name: "t", arguments: `${whole}{"a":2}` }] },
    ],
    [
      "several at once without numbers, ids and arguments",
      {
        raw: [
          delta({ tool_calls: [{ function: { name: "t", arguments: "" } }, { function: { name: "u" } }] }),
          DONE,
        ],
      },
      {
        calls: [
          { wire_id: "", name: "t", arguments: "" },
          { wire_id: "", name: "u", arguments: "" },
        ],
      },
    ],
    [
      "id and name repeated with every piece, several pieces at once",
      {
        raw: [
          delta({
            tool_calls: [
              { index: 0, id: "1", function: { name: "t", arguments: '{"a"' } },
              { index: 0, id: "1", function: { name: "t", arguments: ":1}" } },
            ],
          }),
          DONE,
        ],
      },
      { calls: [{ wire_id: "1", name: "t", arguments: whole }] },
    ],
    [
      "several at once in plain JSON, without ids and arguments",
      {
        raw: [
          JSON.stringify({
            choices: [
              {
                message: {
                  tool_calls: [{ function: { name: "t" } }, { function: { name: "t", arguments: null } }],
                },
              },
            ],
          }),
        ],
      },
      {
        calls: [
          { wire_id: "", name: "t", arguments: "" },
          { wire_id: "", name: "t", arguments: "" },
        ],
        end: "tool_calls",
      },
    ],
    [
      "text in one choice, its calls in another, as Copilot has it",
      {
        raw: [
          JSON.stringify({
            choices: [
              { message: { content: "I look" }, finish_reason: "tool_calls" },
              {
                message: {
                  content: null,
                  tool_calls: [{ id: "1", function: { name: "t", arguments: whole } }],
                },
                finish_reason: "tool_calls",
              },
            ],
          }),
        ],
      },
      { text: "I look", calls: [{ wire_id: "1", name: "t", arguments: whole }], end: "tool_calls" },
    ],
    [
      "arguments cut off by the limit: passed on as they are, for the agent to refuse (G14)",
      {
        raw: [
          piece({ index: 0, id: "1", function: { name: "t", arguments: '{"a":' } }),
          delta({}, "length"),
          DONE,
        ],
      },
      { calls: [{ wire_id: "1", name: "t", arguments: '{"a":' }], end: "length" },
    ],
  ];
  test.each(cases)("%s", async (_name, turn, expected) => {
    const said = await hear(turn);
    expect(said.error).toBeUndefined();
    expect(said).toMatchObject(expected);
    expect(said.chunks.at(-1)?.type).toBe("end");
    expect(said.chunks.filter((chunk) => chunk.type === "text" && chunk.text === "")).toEqual([]);
  });
});
