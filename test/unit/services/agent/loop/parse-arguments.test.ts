import { describe, expect, test } from "@jest/globals";
import { parseArguments } from "../../../../../services/agent/loop/plan-calls.ts";

describe("G14 arguments that can never run", () => {
  test.each(['{"a":1', "[1]", "null", '"text"', '{"a":1}}'])("%s", (text) => {
    expect(parseArguments(text)).toBeUndefined();
  });

  test("those nested so deep that they could not be written down", () => {
    const nested = (levels: number) => `{"a":${"[".repeat(levels)}${"]".repeat(levels)}}`;
    expect(parseArguments(nested(20_000))).toBeUndefined();
    expect(parseArguments(nested(20))).toBeDefined();
  });

  test("none at all are an empty object", () => {
    expect(parseArguments("  ")).toEqual({});
  });
});
