import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { HASHING, PasswordHasher } from "../../../../../services/users/passwords/hasher.ts";

const SOMEBODY = { address: "192.0.2.1", urgency: "login" } as const;

let hasher: PasswordHasher;
beforeEach(() => {
  hasher = new PasswordHasher({ cost: 4, threads: 2, maxQueue: 4 });
});
afterEach(() => hasher.close());

describe("G17 password hashes", () => {
  test("G17 are bcrypt with cost 12", async () => {
    const real = new PasswordHasher(HASHING);
    expect(await real.hash("correct horse battery", SOMEBODY)).toMatch(/^\$2b\$12\$/);
    await real.close();
  });

  test("G17 fit their own password only", async () => {
    const hash = await hasher.hash("correct horse battery", SOMEBODY);
    expect(await hasher.verify("correct horse battery", hash, SOMEBODY)).toBe(true);
    expect(await hasher.verify("correct horse batterz", hash, SOMEBODY)).toBe(false);
  });

  test("G17 tell apart passwords that differ after 72 bytes only", async () => {
    const hash = await hasher.hash(`${"x".repeat(200)}a`, SOMEBODY);
    expect(await hasher.verify(`${"x".repeat(200)}b`, hash, SOMEBODY)).toBe(false);
    expect(await hasher.verify(`${"x".repeat(200)}a`, hash, SOMEBODY)).toBe(true);
  });

  test("G17 tell apart passwords that differ after a NUL only", async () => {
    const hash = await hasher.hash("password\0one", SOMEBODY);
    expect(await hasher.verify("password\0two", hash, SOMEBODY)).toBe(false);
    expect(await hasher.verify("password", hash, SOMEBODY)).toBe(false);
  });

  test("G17 do not confuse broken halves of surrogate pairs", async () => {
    const hash = await hasher.hash("\ud800 and more", SOMEBODY);
    expect(await hasher.verify("\ud801 and more", hash, SOMEBODY)).toBe(false);
  });

  test("fit the same characters typed on another keyboard", async () => {
    const hash = await hasher.hash("caf\u00e9 au lait", SOMEBODY);
    expect(await hasher.verify("cafe\u0301 au lait", hash, SOMEBODY)).toBe(true);
  });

  test("G17 without a hash no password fits, and the work is done all the same", async () => {
    const slow = new PasswordHasher({ cost: 11, threads: 1, maxQueue: 4 });
    const hash = await slow.hash("correct horse battery", SOMEBODY);
    // What it costs, and not how long it takes: that is a matter of what else the machine does.
    const costOf = async (stored: string | null) => {
      const before = process.cpuUsage();
      expect(await slow.verify("wrong", stored, SOMEBODY)).toBe(false);
      return process.cpuUsage(before).user;
    };
    await costOf(hash);
    const [withHash, without] = [await costOf(hash), await costOf(null)];
    // A comparison that is skipped would cost a thousandth.
    expect(without).toBeGreaterThan(withHash / 5);
    await slow.close();
  });

  test("G17 beyond the bound of the queue are refused with hashing_busy and when to come back", async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, () => hasher.hash("correct horse", SOMEBODY)),
    );
    const refused = outcomes.filter((outcome) => outcome.status === "rejected");
    expect(refused).toHaveLength(14);
    for (const { reason } of refused) {
      expect(reason.type).toBe("hashing_busy");
      expect(reason.data.retryAfterMs).toBeGreaterThan(0);
    }
    expect(await hasher.hash("afterwards it goes on", SOMEBODY)).toMatch(/^\$2b/);
  });

  test("G17 leave the main thread free: it goes on while ten are computed", async () => {
    const real = new PasswordHasher({ cost: 10, threads: 2, maxQueue: 20 });
    const order: string[] = [];
    const hashes = Array.from({ length: 10 }, () =>
      real.hash("correct horse", SOMEBODY).then(() => order.push("hash")),
    );
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    order.push("turns");
    await Promise.all(hashes);
    expect(order[0]).toBe("turns");
    await real.close();
  });

  test("after close are refused with shutting_down", async () => {
    await hasher.close();
    await expect(hasher.hash("correct horse", SOMEBODY)).rejects.toMatchObject({ type: "shutting_down" });
  });
});
