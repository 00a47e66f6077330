// The small parts that renderers and readers are made of.
import { describe, expect, test } from "@jest/globals";
import type { ModelChunk } from "../../../../../contracts/models.ts";
import { argumentsForWire, readArguments } from "../../../../../plugins/models/wire/arguments.ts";
import { endingOf } from "../../../../../plugins/models/wire/ending.ts";
import { wireJson } from "../../../../../plugins/models/wire/json.ts";
import { beginsWithLetter, takenName } from "../../../../../plugins/models/wire/offered-tools.ts";
import { CallIds, NINE } from "../../../../../plugins/models/wire/sound-history.ts";
import { Speech } from "../../../../../plugins/models/wire/speech.ts";

describe("arguments", () => {
  test.each([
    ["null", "{}"],
    [" null\n", "{}"],
    ["[]", "{}"],
    ['""', "{}"],
    ['"{\\"a\\":1}"', '{"a":1}'],
    ['{"a":null}', '{"a":null}'],
    ['"text"', '"text"'],
    ['{"a":', '{"a":'],
    ["", ""],
    ["[1]", "[1]"],
    ['{}{"a":1}', '{"a":1}'],
    ['{"a":1} {"a":1}', '{"a":1}'],
    ["{}{}", "{}"],
    ['{"a":"one\ntwo\tthree"}', '{"a":"one\\ntwo\\tthree"}'],
    ['{\n\t"a": "\u0007"\n}', '{\n\t"a": "\\u0007"\n}'],
    ['{"a":\n1}', '{"a":\n1}'],
    ['{"a":"one\n', '{"a":"one\n'],
    ['{"a":"\\"\n\\""}', '{"a":"\\"\\n\\""}'],
    ['{"a":"}{"}', '{"a":"}{"}'],
    ['{"a":"\\"}{"}{"a":"\\"}{"}', '{"a":"\\"}{"}'],
    ['{"a":1}{"a":2}', '{"a":1}{"a":2}'],
    ['{"a":1}{"a":', '{"a":1}{"a":'],
    ['{"a":1}, {"a":1}', '{"a":1}, {"a":1}'],
    ["{}".repeat(1_000), "{}".repeat(1_000)],
  ])("%j are read as %j", (text, read) => {
    expect(readArguments(text)).toBe(read);
  });

  test("go back as an object, whatever they are", () => {
    expect(argumentsForWire("")).toEqual({});
    expect(argumentsForWire('{"a":')).toEqual({ malformed_arguments: '{"a":' });
    expect(argumentsForWire("[1]")).toEqual({ malformed_arguments: "[1]" });
  });
});

describe("ids of calls", () => {
  test("are the vendor's where it takes them, once; else nine letters and digits, always the same ones", () => {
    const ids = new CallIds(/^\w{1,40}$/);
    const given = ["toolu_1", "toolu_1", "", "functions.read:0", "x".repeat(41)].map((id) => ids.give(id));
    expect(given[0]).toBe("toolu_1");
    for (const id of given.slice(1)) expect(id).toMatch(NINE);
    expect(new Set(given).size).toBe(5);
    expect(new CallIds(/^\w{1,40}$/).give("functions.read:0")).toBe(given[3]);
  });

  test("of our own making are not taken for a vendor's", () => {
    expect(new CallIds(/^\w{1,40}$/).give("call_01k5d9zq0mv8h3x7c2n4b6t1rs_002_001")).toMatch(NINE);
    expect(new CallIds(/^\w{1,40}$/).give("call_abc")).toBe("call_abc");
  });
});

test.each([
  ["read_file", "read_file"],
  ["functions.read_file", "functions_read_file"],
  ["read file!", "read_file_"],
  ["工具", "_"],
  ["", "unnamed"],
  ["a".repeat(70), "a".repeat(64)],
])("a tool that the model calls %j goes back as %j", (name, taken) => {
  expect(takenName(name)).toBe(taken);
  expect(beginsWithLetter(takenName(name))).toMatch(/^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$/);
});

test("halves of pairs and NUL become the sign for what is not a character, and nothing else changes", () => {
  const value = { "\ud800": ["a\udc00b", "\\ud800", "🦜", "\\\\ud800"], plain: "\u0007" };
  expect(JSON.parse(wireJson({ a: "x\0y", b: "\\u0000", c: "\u0001" }))).toEqual({
    a: "x\ufffdy",
    b: "\\u0000",
    c: "\u0001",
  });
  expect(JSON.parse(wireJson(value))).toEqual({
    "\ufffd": ["a\ufffdb", "\\ud800", "🦜", "\\\\ud800"],
    plain: "\u0007",
  });
});

test.each([
  ["stop", "stop"],
  ["END_TURN", "stop"],
  ["eos", "stop"],
  ["", "stop"],
  ["tool_use", "tool_calls"],
  ["MAX_TOKENS", "length"],
  ["model_length", "length"],
  ["sensitive", "filtered"],
  ["content_filter: SAFETY", "filtered"],
  ["PROHIBITED_CONTENT", "filtered"],
  ["refusal", "filtered"],
  ["guardrail_intervened", "filtered"],
  ["function_call_filter: MALFORMED_FUNCTION_CALL", "malformed_call"],
  ["MALFORMED_FUNCTION_CALL", "malformed_call"],
  ["UNEXPECTED_TOOL_CALL", "malformed_call"],
  ["insufficient_system_resource", "broken"],
  ["network_error", "broken"],
  ["ERROR_TOXIC", "filtered"],
  ["end_of_turn", "stop"],
  ["stop_token", "stop"],
  ["tool_call", "tool_calls"],
  ["pause_turn", "unknown"],
  ["OTHER", "unknown"],
])("an answer that ends with %j: %s", (reason, ending) => {
  expect(endingOf(reason)).toBe(ending);
});

describe("what a model says", () => {
  const hear = (pieces: string[], hasTags = true) => {
    const chunks: ModelChunk[] = [];
    const speech = new Speech((chunk) => chunks.push(chunk), hasTags);
    for (const piece of pieces) speech.say("text", piece);
    speech.end();
    const of = (type: string) =>
      chunks.flatMap((chunk) => (chunk.type === type && "text" in chunk ? [chunk.text] : []));
    expect(chunks.every((chunk) => "text" in chunk && chunk.text !== "" && chunk.text.isWellFormed())).toBe(
      true,
    );
    return [of("reasoning").join(""), of("text").join("")];
  };

  test.each([
    ["thoughts that open the answer", "<think>plan</think>answer", "plan", "answer"],
    ["white space around them", "\n<think>\nplan\n</think>\n\nanswer\n", "\nplan\n", "answer\n"],
    ["the other words for them", "<thought>a</thought>b", "a", "b"],
    ["in other letters", "<THINK>a</Think>b", "a", "b"],
    ["Kimi's", "◁think▷a◁/think▷b", "a", "b"],
    ["ByteDance's", "<seed:think>a</seed:think>b", "a", "b"],
    ["Magistral's", "[THINK]a[/THINK]b", "a", "b"],
    ["with a letter that grows when it is made small", "<think>İİİ</think>b", "İİİ", "b"],
    ["another thing in brackets", "[thin]x", "", "[thin]x"],
    ["no thoughts", "<think></think>answer", "", "answer"],
    ["a tag within the answer", "use <think>x</think> so", "", "use <think>x</think> so"],
    ["a second pair is text", "<think>a</think>b<think>c</think>", "a", "b<think>c</think>"],
    ["another tag", "<thin>x", "", "<thin>x"],
    ["the beginning of a tag", " <thi", "", " <thi"],
    ["a less-than in the thoughts", "<think>1 < 2 </thin </think>yes", "1 < 2 </thin ", "yes"],
    ["thoughts that were cut off", "<think>and then", "and then", ""],
  ])("%s, at once and in pieces", (_what, text, reasoning, answer) => {
    expect(hear([text])).toEqual([reasoning, answer]);
    expect(hear([...text])).toEqual([reasoning, answer]);
  });

  test("without tags everything is text; halves of a character wait for each other", () => {
    expect(hear(["<think>a</think>", "b\ud83e", "\udd9c", "c"], false)).toEqual(["", "<think>a</think>b🦜c"]);
    expect(hear(["x\ud83e"], false)).toEqual(["", "x\ufffd"]);
  });
});
