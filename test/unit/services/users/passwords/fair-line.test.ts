import { describe, expect, test } from "@jest/globals";
import { type Asker, FairLine } from "../../../../../services/users/passwords/fair-line.ts";

/** A line whose work ends when the test says so, and that notes the order in which work began. */
function lineOf(settings: { threads: number; maxWaiting: number }) {
  const clock = { now: 0 };
  const line = new FairLine({ ...settings, usualMs: 100, patienceMs: 1_000, now: () => clock.now });
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const refused: string[] = [];
  const ask = (name: string, urgency: Asker["urgency"], address = name) =>
    line
      .run({ address, urgency }, () => {
        begun.push(name);
        return new Promise<void>((resolve) => ends.push(resolve));
      })
      .catch((error: { type: string }) => refused.push(`${name} ${error.type}`));
  const endOne = async () => {
    ends.shift()?.();
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  };
  const endAll = async () => {
    while (ends.length > 0) await endOne();
  };
  return { clock, begun, refused, ask, endOne, endAll };
}

describe("G17 the line before the hashing threads", () => {
  test("G17 lets logins go before registrations, and those from a known address first", async () => {
    const { begun, ask, endAll } = lineOf({ threads: 1, maxWaiting: 10 });
    ask("busy", "login");
    ask("registration", "registration");
    ask("login", "login");
    ask("known", "known");
    await endAll();
    expect(begun).toEqual(["busy", "known", "login", "registration"]);
  });

  test("G17 gives one address after the other its turn", async () => {
    const { begun, ask, endAll } = lineOf({ threads: 1, maxWaiting: 10 });
    ask("busy", "registration");
    for (const n of [1, 2, 3]) ask(`flood ${n}`, "registration", "flood");
    ask("other", "registration");
    await endAll();
    expect(begun).toEqual(["busy", "flood 1", "other", "flood 2", "flood 3"]);
  });

  test("G17 keeps a thread from registrations, so that a login begins at once", async () => {
    const { begun, ask, endAll } = lineOf({ threads: 2, maxWaiting: 10 });
    for (const n of [1, 2, 3]) ask(`registration ${n}`, "registration", String(n));
    ask("login", "login");
    expect(begun).toEqual(["registration 1", "login"]);
    await endAll();
    expect(begun).toEqual(["registration 1", "login", "registration 2", "registration 3"]);
  });

  test("G17 is full for who has the most in it, not for who comes next", async () => {
    const { begun, refused, ask, endAll } = lineOf({ threads: 1, maxWaiting: 3 });
    for (const n of [0, 1, 2, 3, 4]) ask(`flood ${n}`, "login", "flood");
    await Promise.resolve();
    ask("other", "login");
    ask("third", "login");
    await endAll();
    expect(refused).toEqual(["flood 4 hashing_busy", "flood 3 hashing_busy", "flood 2 hashing_busy"]);
    expect(begun).toEqual(["flood 0", "flood 1", "other", "third"]);
  });

  test("G17 of shares as large nobody gives way", async () => {
    const { begun, refused, ask, endAll } = lineOf({ threads: 1, maxWaiting: 2 });
    for (const name of ["busy", "one", "two", "three"]) ask(name, "login");
    await endAll();
    expect(refused).toEqual(["three hashing_busy"]);
    expect(begun).toEqual(["busy", "one", "two"]);
  });

  test("G17 when it is full a login takes the place of a registration, and never the other way round", async () => {
    const { refused, ask, endAll } = lineOf({ threads: 1, maxWaiting: 2 });
    ask("busy", "login");
    ask("first", "registration");
    ask("second", "registration");
    ask("login", "login");
    ask("known", "known");
    ask("late", "registration");
    ask("stranger", "login");
    await endAll();
    expect(refused.toSorted()).toEqual(
      ["first", "second", "late", "stranger"].map((name) => `${name} hashing_busy`).toSorted(),
    );
  });

  test("G17 turns away who has waited too long, while it still listens, and nobody who came later", async () => {
    const { clock, begun, refused, ask, endOne, endAll } = lineOf({ threads: 1, maxWaiting: 10 });
    ask("busy", "login");
    ask("early", "registration", "flood");
    clock.now = 900;
    ask("late", "registration", "flood");
    clock.now = 1_100;
    await endOne();
    expect(refused).toEqual(["early hashing_busy"]);
    await endAll();
    expect(begun).toEqual(["busy", "late"]);
  });

  test("goes on after work that fails", async () => {
    const line = new FairLine({ threads: 1, maxWaiting: 1, usualMs: 1, patienceMs: 1_000 });
    const asker = { address: "a", urgency: "registration" } as const;
    await expect(line.run(asker, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await line.run(asker, async () => 7)).toBe(7);
  });
});
