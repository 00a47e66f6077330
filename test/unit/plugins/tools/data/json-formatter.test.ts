// json_formatter: nothing of the values changes, and a fault is told by its place.
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { FormattedJson } from "../../../../../plugins/tools/data/json/format-json.ts";
import tool from "../../../../../plugins/tools/data/json-formatter.ts";
import { runAsNode } from "../../../../support/run-as-node.ts";
import { type TestContext, toolContext } from "../../../../support/tool-context.ts";

const context: TestContext = await toolContext();
await context.remove();
const format = (json: string, mode?: string) =>
  runAsNode<FormattedJson>(tool, { json, ...(mode ? { mode } : {}) }, context);

describe("a valid text", () => {
  test("is indented, or put on one line", async () => {
    const json = '\ufeff {"a":[1,{ } ,[]],\n"b":{"c":null}} ';
    expect((await format(json)).data.json).toBe(
      '{\n  "a": [\n    1,\n    {},\n    []\n  ],\n  "b": {\n    "c": null\n  }\n}',
    );
    expect((await format(json, "minify")).data.json).toBe('{"a":[1,{},[]],"b":{"c":null}}');
  });

  test("keeps numbers, escapes and the order of keys as they are written", async () => {
    const json = '{"b":12345678901234567890,"2":1.0,"a":1e5,"1":"\\u4f60\\/","__proto__":-0}';
    expect((await format(json, "minify")).data.json).toBe(json);
  });

  test("has its keys sorted when asked, in lists too, equal ones in their order", async () => {
    const { data } = await format('[{"b":1,"a":{"z":1,"\\u0061":2},"a":3}]', "sort_keys");
    expect(data.json.replace(/\s/g, "")).toBe('[{"a":{"\\u0061":2,"z":1},"a":3,"b":1}]');
    expect(data.duplicate_keys).toEqual(["[0].a"]);
  });

  test("is said to be one by validate", async () => {
    expect((await format("[1]", "validate")).data).toEqual({ valid: true, type: "array" });
    expect((await format(" -1.5e3 ", "validate")).data).toEqual({ valid: true, type: "number" });
  });

  test("means the same before and after, whatever it is", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.json({ maxDepth: 5 }),
        fc.constantFrom("pretty", "minify", "sort_keys"),
        async (json, mode) => {
          const { data } = await format(json, mode);
          expect(JSON.parse(data.json)).toEqual(JSON.parse(json));
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("a fault", () => {
  test.each([
    ['{"a": 1,\n "b": 2,}', 2, 8, "a comma with nothing behind it"],
    ["[1 2]", 1, 4, 'a comma or "]" is expected, not "2"'],
    ['{"a" 1}', 1, 6, "a colon is expected"],
    ["{a: 1}", 1, 2, "a key in double quotes"],
    ["['x']", 1, 2, "double quotes, not in single ones"],
    ["[1, // no\n 2]", 1, 5, "no comments"],
    ["[01]", 1, 2, "no leading zeros"],
    ["[.5]", 1, 2, "digits before"],
    ["[1.]", 1, 2, "digits before and behind"],
    ["[NaN]", 1, 2, '"NaN" is no value'],
    ["[True]", 1, 2, "written small"],
    ['["a\nb"]', 1, 4, "a line break in a string"],
    ['["a\tb"]', 1, 4, "\\u0009"],
    ['["\\x"]', 1, 3, "no escape of JSON"],
    ['["abc', 1, 2, "not closed"],
    ['{"a": [1,\n2', 2, 2, 'before the "[" of line 1, column 7 is closed'],
    ["[1] x", 1, 5, "behind the end"],
    ["[1,", 1, 4, "a value is expected"],
    ["  ", 1, 3, "only spaces"],
    ['{"漢😀": x}', 1, 8, '"x" is no value'],
  ])("in %j is told by line %i and column %i", async (json, line, column, words) => {
    const { code, message } = await format(json);
    expect(code).toBe("invalid_json");
    expect(message).toContain(`Line ${line}, column ${column}: `);
    expect(message).toContain(words);
    expect((await format(json, "validate")).data).toMatchObject({ valid: false, line, column });
  });

  test("is found wherever the engine finds one, and nowhere else", async () => {
    const pieces = fc.constantFrom(
      ..."{}[],:\"\\ \n01-+.eEtrufalsn/'x".split(""),
      "true",
      '"a"',
      "\\u00e9",
      "1.5",
    );
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { minLength: 1, maxLength: 12 }), async (parts) => {
        const json = parts.join("");
        const isJson = isValid(json);
        expect((await format(json, "validate")).data).toMatchObject({ valid: isJson });
      }),
      { numRuns: 2_000 },
    );
  });
});

function isValid(json: string): boolean {
  try {
    JSON.parse(json);
    return true;
  } catch {
    return false;
  }
}

describe("limits", () => {
  test("of depth are a fault, not the end of the stack", async () => {
    expect((await format("[".repeat(150_000))).message).toContain("nested more than 500 deep");
  });

  test("of what indents make of a text are told", async () => {
    const wide = `${"[".repeat(400)}${"1,".repeat(20_000)}1${"]".repeat(400)}`;
    const { code, message } = await format(wide);
    expect(code).toBe("too_large");
    expect(message).toContain("minify");
    expect((await format(wide, "minify")).ok).toBe(true);
  });

  test("of the arguments hold", () => {
    for (const args of [
      {},
      { json: "" },
      { json: 1 },
      { json: "x".repeat(200_001) },
      { json: "1", mode: "yaml" },
      { json: "1", indent: 4 },
    ])
      expect(tool.parameters.safeParse(args).success).toBe(false);
  });

  test("a string of many escapes is read as fast as any", async () => {
    expect((await format(`["${"a\\n".repeat(60_000)}"]`, "minify")).ok).toBe(true);
  });
});
