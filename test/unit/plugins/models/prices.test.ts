import { describe, expect, test } from "@jest/globals";
import { costMicro, limitsOf, windowOf } from "../../../../plugins/models/prices.ts";

describe("prices", () => {
  test.each([
    ["openai/gpt-4o-mini", 1_000_000, 0, 150_000],
    ["openai/gpt-4o-mini", 0, 1_000_000, 600_000],
    ["openai/gpt-4o-mini", 1, 1, 1],
    ["openai/gpt-4o-mini", 100, 100, 75],
    ["anthropic/claude-haiku-4-5", 3, 7, 38],
    ["openai/gpt-4o-mini", 0, 0, 0],
    ["demo/demo", 1_000, 1_000, 0],
    ["openai/fake", 1_000, 1_000, 0],
  ])("%s: %i in and %i out cost %i micro-dollars, rounded up to whole ones", (id, input, output, cost) => {
    expect(costMicro(id, input, output)).toBe(cost);
  });

  test("a prompt beyond the model's threshold pays the dearer price for all of the request", () => {
    expect(costMicro("anthropic/claude-haiku-5-5", 100_000, 1_000)).toBe(10_500);
    expect(costMicro("anthropic/claude-haiku-5-5", 100_001, 1_000)).toBe(52_501);
  });

  test("dated variants cost what the model costs; other models of the family do not", () => {
    const mini = limitsOf("openai/gpt-4o-mini");
    expect(mini?.input_per_million).toBe(0.15);
    expect(limitsOf("openai/gpt-4o-mini-2024-07-18")).toEqual(mini);
    expect(limitsOf("anthropic/claude-haiku-4-5-20251001")).toEqual(limitsOf("anthropic/claude-haiku-4-5"));
    expect(limitsOf("openai/gpt-4o-2024-08-06")?.input_per_million).toBe(2.5);
    expect(limitsOf("openai/gpt-4o-audio-preview")).toBeUndefined();
    expect(limitsOf("openai/gpt-5-mini")?.input_per_million).toBe(0.25);
    expect(limitsOf("openai/constructor")).toBeUndefined();
    expect(limitsOf("__proto__")).toBeUndefined();
  });

  test("what is not known has the usual window, on a server of one's own a smaller one", () => {
    expect(windowOf("openai/who-knows")).toBe(32_000);
    expect(windowOf("openai/gpt-4.1")).toBe(1_047_576);
  });
});
