import { beforeEach, describe, expect, test } from "@jest/globals";
import { processCounters } from "../../../../lib/embedded/memory-ports.ts";
import { Guesses } from "../../../../services/nodes/pairing/guesses.ts";

let guesses: Guesses;
beforeEach(() => {
  guesses = new Guesses(processCounters(() => 1_000));
});

const guess = async (address: string, isRight = false): Promise<boolean> => {
  try {
    const begun = await guesses.begin(address);
    if (isRight) await begun.wasRight();
    return true;
  } catch (thrown) {
    expect(thrown).toMatchObject({ type: "too_many_pairings", data: { retryAfterMs: expect.any(Number) } });
    return false;
  }
};
const passed = async (count: number, address: string) =>
  (await Promise.all(Array.from({ length: count }, () => guess(address)))).filter(Boolean).length;

describe("guesses of pairing codes", () => {
  test("of one address are ten a minute, also when they come at once, and others are not kept from theirs", async () => {
    expect(await passed(100, "203.0.113.1")).toBe(10);
    expect(await guess("203.0.113.2")).toBe(true);
  });

  test("that were right are not counted", async () => {
    for (let n = 0; n < 50; n += 1) expect(await guess("203.0.113.1", true)).toBe(true);
  });

  test("of very many addresses leave each one try a minute, so that a victim still pairs", async () => {
    for (let n = 0; n < 200; n += 1) expect(await passed(10, `attacker ${n}`)).toBe(10);
    expect(await passed(10, "one more attacker")).toBe(1);
    expect(await guess("victim", true)).toBe(true);
  });

  test("a wrong signature costs its own address only", async () => {
    for (let n = 0; n < 30; n += 1) {
      await guesses.requireSigner("203.0.113.1");
      await guesses.wasUnsigned("203.0.113.1");
    }
    await expect(guesses.requireSigner("203.0.113.1")).rejects.toMatchObject({ type: "too_many_pairings" });
    await guesses.requireSigner("203.0.113.2");
  });
});
