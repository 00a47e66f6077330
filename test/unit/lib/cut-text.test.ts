import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { headOf, tailOf } from "../../../lib/cut-text.ts";

const FAMILY = "👨‍👩‍👧‍👦";

describe("a text that is cut", () => {
  test.each([
    ["what fits", "abc", 3, "abc", "abc"],
    ["plain letters", "abcdef", 4, "abcd", "cdef"],
    ["a surrogate pair", "a🦜b", 2, "a", "b"],
    ["nothing but pairs", "🦜🦜🦜", 3, "🦜", "🦜"],
    ["a letter with its accent", "ae\u0301b", 2, "a", "b"],
    ["an emoji of several parts", `x${FAMILY}y`, 8, "x", "y"],
    ["a flag", "🇩🇪🇫🇷", 5, "🇩🇪", "🇫🇷"],
    ["a line end of two", "a\r\nb", 2, "a", "b"],
    ["nothing is left", "🦜", 1, "", ""],
  ])("%s", (_what, text, most, head, tail) => {
    expect([headOf(text, most), tailOf(text, most)]).toEqual([head, tail]);
  });

  test("one character that is longer than any is cut all the same, between its code points", () => {
    const zalgo = `a${"\u0301".repeat(500)}`;
    expect(headOf(zalgo, 100)).toHaveLength(100);
    expect(tailOf(zalgo, 100)).toHaveLength(100);
  });

  test("is never longer than asked, never has half a pair, and is the text's own head and tail", () => {
    const text = fc.array(fc.constantFrom("a", "é", "🦜", FAMILY, "\u0301", "中", "\n"), { maxLength: 80 });
    fc.assert(
      fc.property(text, fc.nat(90), (parts, most) => {
        const whole = parts.join("");
        const [head, tail] = [headOf(whole, most), tailOf(whole, most)];
        expect(Math.max(head.length, tail.length)).toBeLessThanOrEqual(most);
        expect([head.isWellFormed(), tail.isWellFormed()]).toEqual([true, true]);
        expect([whole.startsWith(head), whole.endsWith(tail)]).toEqual([true, true]);
      }),
    );
  });
});
