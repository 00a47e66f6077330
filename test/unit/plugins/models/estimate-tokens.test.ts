import { describe, expect, test } from "@jest/globals";
import { estimateTokens } from "../../../../plugins/models/prices.ts";

describe("estimateTokens", () => {
  test("is 0 for nothing and never 0 for something", () => {
    expect(estimateTokens("")).toBe(0);
    for (const text of ["a", " ", "\n", "é", "中", "😀", "\u0000"])
      expect(estimateTokens(text)).toBeGreaterThan(0);
  });

  test("four letters of English make a token, a Chinese character makes one", () => {
    expect(estimateTokens("four letters of English")).toBe(6);
    expect(estimateTokens("中文字")).toBe(3);
    expect(estimateTokens("ünïcödé")).toBe(4);
    expect(estimateTokens("😀".repeat(100))).toBe(125);
  });

  test("never gets less when text is added", () => {
    const text = "Hello wörld, 中文 and 😀 emoji: ελληνικά, кириллица, 日本語 — done.";
    let before = 0;
    for (let end = 1; end <= text.length; end += 1) {
      const tokens = estimateTokens(text.slice(0, end));
      expect(tokens).toBeGreaterThanOrEqual(before);
      before = tokens;
    }
  });
});
