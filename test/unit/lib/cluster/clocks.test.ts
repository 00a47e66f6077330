import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "@jest/globals";
import { aheadMs, clockFaults } from "../../../../lib/cluster/clocks.ts";

describe("the clock of another machine", () => {
  test("is not blamed for how long its answer took", async () => {
    const asked = aheadMs(async () => {
      const there = Date.now();
      await pause(50);
      return there;
    });
    expect(await asked).toBe(0);
  });

  test.each([300_000, -300_000])("that is %i ms away is found so", async (difference) => {
    const found = await aheadMs(async () => Date.now() + difference);
    expect(Math.sign(found)).toBe(Math.sign(difference));
    expect(Math.abs(found)).toBeGreaterThan(290_000);
  });

  test("is told of from more than 5 s on, with what to do", () => {
    const clocks = [
      { of: "PostgreSQL", aheadMs: 5_000 },
      { of: "MongoDB", aheadMs: 61_000 },
      { of: "the process a", aheadMs: -6_000 },
    ];
    expect(clockFaults(clocks)).toEqual([
      expect.stringMatching(/^The clock of MongoDB is 61 s ahead of this machine's. Set both right/),
      expect.stringMatching(/^The clock of the process a is 6 s behind this machine's/),
    ]);
  });
});
