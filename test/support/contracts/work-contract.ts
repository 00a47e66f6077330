// What every adapter of waiting work must do.
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { DeadLetter, WorkItem } from "../../../lib/ports/work.ts";
import { waitFor } from "../wait-for.ts";
import type { OpenPorts } from "./documents-contract.ts";

export function workContract(adapter: string, openPorts: OpenPorts<"work">): void {
  describe(`waiting work on ${adapter}`, () => {
    let opened: Awaited<ReturnType<OpenPorts<"work">>>;
    beforeEach(async () => {
      opened = await openPorts();
    });
    afterEach(() => opened.close());

    /** A handler that notes what it gets, and one that waits until it is let go. */
    const noting = (seen: WorkItem[]) => async (item: WorkItem) => void seen.push(item);
    function gate() {
      const { promise, resolve } = Promise.withResolvers<void>();
      return { passed: promise, open: resolve };
    }
    /** Of two in the same millisecond neither has waited longer. */
    const nextMillisecond = () => new Promise((resolve) => setTimeout(resolve, 2));

    test("work is done once it succeeds, and the same key waits once", async () => {
      const { work } = opened.ports;
      const seen: WorkItem[] = [];
      await work.add({ queue: "q", payload: { n: 1 }, key: "same" });
      await work.add({ queue: "q", payload: { n: 2 }, key: "same" });
      await nextMillisecond();
      await work.add({ queue: "q", payload: { n: 3 } });
      await work.add({ queue: "another", payload: { n: 0 }, key: "same" });
      work.handle("q", noting(seen));
      await waitFor("two items", () => seen.length >= 2);
      expect(seen.map((item) => item.payload)).toEqual([{ n: 1 }, { n: 3 }]);
      // What is done may not be written yet, and would swallow it.
      await waitFor("the third", async () => {
        await work.add({ queue: "q", payload: { n: 4 }, key: "same" });
        return seen.length >= 3;
      });
      expect(seen[2]).toMatchObject({ queue: "q", attempt: 1 });
    });

    test("what is added at once waits as if it were added one after the other", async () => {
      const { work } = opened.ports;
      const seen: WorkItem[] = [];
      const adding = ["a", "b", "a", undefined, undefined, "b", "c"].map((key, n) =>
        work.add({ queue: "q", payload: n, ...(key === undefined ? {} : { key }), priority: 9 - n }),
      );
      const refused = work.add({ queue: "q", payload: "refused", priority: 10 });
      await expect(refused).rejects.toThrow(/from 0 to 9/);
      await Promise.all([...adding, work.add({ queue: "another", payload: null, key: "a" })]);
      work.handle("q", noting(seen), { concurrency: 1 });
      await waitFor("the last one", () => seen.some(({ payload }) => payload === 6));
      expect(seen.map(({ payload }) => payload)).toEqual([0, 1, 3, 4, 6]);
    });

    test("a queue that lingers loses nothing, and does more at once than it is told at no time", async () => {
      const { work } = opened.ports;
      const done: unknown[] = [];
      let [running, most] = [0, 0];
      work.handle(
        "q",
        async ({ payload }) => {
          running += 1;
          most = Math.max(most, running);
          await new Promise((resolve) => setImmediate(resolve));
          running -= 1;
          done.push(payload);
        },
        { lingerMs: 20, concurrency: 5 },
      );
      const all = Array.from({ length: 40 }, (_, n) => n);
      for (const n of all) await work.add({ queue: "q", payload: n, key: String(n) });
      await waitFor("all are done", () => done.length >= 40);
      expect(done.toSorted((a, b) => Number(a) - Number(b))).toEqual(all);
      expect(most).toBeLessThanOrEqual(5);
    });

    test("the same key added while it runs is done once more, and no earlier", async () => {
      const { work } = opened.ports;
      const first = gate();
      let running = 0;
      const seen: number[] = [];
      work.handle("q", async () => {
        running += 1;
        seen.push(running);
        if (seen.length === 1) await first.passed;
        running -= 1;
      });
      await work.add({ queue: "q", payload: 1, key: "same" });
      await waitFor("it runs", () => seen.length === 1);
      for (let n = 0; n < 3; n += 1) await work.add({ queue: "q", payload: 1, key: "same" });
      await work.add({ queue: "q", payload: "other" });
      await waitFor("the other one", () => seen.length === 2);
      first.open();
      await waitFor("it once more", () => seen.length === 3);
      expect(seen).toEqual([1, 2, 1]);
      await work.add({ queue: "q", payload: "last" });
      await waitFor("the last one", () => seen.length >= 4);
      expect(seen).toHaveLength(4);
    });

    test("work that fails is repeated, and lies in the dead letters after its last attempt, until it is driven again", async () => {
      const { work } = opened.ports;
      const attempts: number[] = [];
      let isWell = false;
      work.handle(
        "q",
        async (item) => {
          attempts.push(item.attempt);
          if (!isWell) throw new Error("not today");
        },
        { maxAttempts: 2 },
      );
      await work.add({ queue: "q", payload: { n: 1 }, key: "k" });
      const [dead] = await waitFor("the dead letter", async () => {
        const letters = await work.deadLetters(9);
        return letters.length === 1 && letters;
      });
      expect(attempts).toEqual([1, 2]);
      expect(dead).toMatchObject({ queue: "q", payload: { n: 1 }, reason: "failed", error: "not today" });
      isWell = true;
      expect(await work.redrive(dead?.id ?? "")).toBe(true);
      await waitFor("it is done", () => attempts.length === 3);
      expect(attempts).toEqual([1, 2, 1]);
      expect(await work.deadLetters(9)).toEqual([]);
      expect(await work.redrive("evt_nobody")).toBe(false);
    });

    test("a dead letter is nothing more than the same work that was added meanwhile", async () => {
      const { work } = opened.ports;
      const end = work.handle("q", () => Promise.reject(new Error("no")), { maxAttempts: 1 });
      await work.add({ queue: "q", payload: 1, key: "k" });
      const [dead] = await waitFor("the dead letter", async () => {
        const letters = await work.deadLetters(9);
        return letters.length === 1 && letters;
      });
      end();
      await work.add({ queue: "q", payload: 2, key: "k" });
      expect(await work.redrive(dead?.id ?? "")).toBe(true);
      expect(await work.deadLetters(9)).toEqual([]);
      const seen: WorkItem[] = [];
      work.handle("q", noting(seen));
      await work.add({ queue: "q", payload: 3 });
      await waitFor("both", () => seen.some(({ payload }) => payload === 3));
      expect(seen.map(({ payload }) => payload)).toEqual([2, 3]);
    });

    test("the highest priority goes first, then what has waited longest, and none runs before its time", async () => {
      const { work } = opened.ports;
      const seen: WorkItem[] = [];
      await work.add({ queue: "q", payload: "usual" });
      await work.add({ queue: "q", payload: "low", priority: 0 });
      await nextMillisecond();
      await work.add({ queue: "q", payload: "also usual", priority: 5 });
      await work.add({ queue: "q", payload: "high", priority: 9 });
      await work.add({ queue: "q", payload: "later", priority: 9, runAt: Date.now() + 3_600_000 });
      const soon = Date.now() + 1_000;
      // Behind all others also where those are not begun before its time.
      await work.add({ queue: "q", payload: "soon", priority: 0, runAt: soon });
      work.handle("q", noting(seen), { concurrency: 1 });
      await waitFor("five", () => seen.length === 5);
      expect(Date.now()).toBeGreaterThanOrEqual(soon - 100);
      const order = seen.map(({ payload }) => payload);
      expect(order).toEqual(["high", "usual", "also usual", "low", "soon"]);
      await expect(work.add({ queue: "q", payload: 1, priority: 10 })).rejects.toThrow(/from 0 to 9/);
    });

    test("a queue works on as many at once as it is told, and each queue for itself", async () => {
      const { work } = opened.ports;
      const held = gate();
      const most: Record<string, number> = { two: 0, one: 0 };
      const now: Record<string, number> = { two: 0, one: 0 };
      let done = 0;
      const handler = async ({ queue }: WorkItem) => {
        now[queue] = (now[queue] ?? 0) + 1;
        most[queue] = Math.max(most[queue] ?? 0, now[queue]);
        await held.passed;
        now[queue] -= 1;
        done += 1;
      };
      work.handle("two", handler, { concurrency: 2 });
      work.handle("one", handler, { concurrency: 1 });
      for (let n = 0; n < 6; n += 1) {
        await work.add({ queue: "two", payload: n });
        await work.add({ queue: "one", payload: n });
      }
      await waitFor("both are full", () => now.two === 2 && now.one === 1);
      held.open();
      await waitFor("all are done", () => done === 12);
      expect(most).toEqual({ two: 2, one: 1 });
    });

    test("what has not begun in its time is a dead letter, and what has begun goes on", async () => {
      const { work } = opened.ports;
      const held = gate();
      const seen: unknown[] = [];
      work.handle(
        "q",
        async ({ payload }) => {
          seen.push(payload);
          await held.passed;
        },
        { concurrency: 1 },
      );
      const buried = () => work.deadLetters(99);
      let before: DeadLetter[] = [];
      // Another one where the machine was too slow to begin the last one in its time.
      const expiresAt = await waitFor("one has begun", async () => {
        const until = Date.now() + 1_500;
        await work.add({ queue: "q", payload: "begun", expiresAt: until });
        before = await waitFor("its begin or end", async () => {
          if (seen.length === 1) return before;
          const letters = await buried();
          return letters.length > before.length && letters;
        });
        return seen.length === 1 && until;
      });
      await work.add({ queue: "q", payload: "too late", expiresAt });
      await waitFor("its time is over", () => Date.now() > expiresAt + 100);
      held.open();
      await work.add({ queue: "q", payload: "next" });
      await waitFor("the next", () => seen.length === 2);
      expect(seen).toEqual(["begun", "next"]);
      const letters = (await buried()).filter(({ id }) => before.every((letter) => letter.id !== id));
      expect(letters).toMatchObject([{ payload: "too late", reason: "expired", attempt: 1 }]);
      await work.redrive(letters[0]?.id ?? "");
      await waitFor("it is begun after all", () => seen.length === 3);
    });

    test("what is due and has expired when it is first looked at is not begun", async () => {
      const { work } = opened.ports;
      const [seen, expiresAt]: [WorkItem[], number] = [[], Date.now() - 1];
      await work.add({ queue: "q", payload: "too late", priority: 9, expiresAt });
      await work.add({ queue: "q", payload: "first" });
      await nextMillisecond();
      await work.add({ queue: "q", payload: "second" });
      work.handle("q", noting(seen), { concurrency: 1 });
      await waitFor("the others", () => seen.length >= 2);
      expect(seen.map(({ payload }) => payload)).toEqual(["first", "second"]);
      expect(await work.deadLetters(9)).toMatchObject([{ payload: "too late", reason: "expired" }]);
    });

    test("work that waits is taken off again by its key", async () => {
      const { work } = opened.ports;
      await work.add({ queue: "q", payload: "off", key: "k" });
      await work.add({ queue: "q", payload: "on", key: "other" });
      await work.remove("q", "k");
      await work.remove("q", "unknown");
      const seen: WorkItem[] = [];
      work.handle("q", noting(seen));
      await waitFor("one", () => seen.length > 0);
      expect(seen.map(({ payload }) => payload)).toEqual(["on"]);
    });

    test("a queue whose handling has ended picks up nothing; what waits is for the next one", async () => {
      const { work } = opened.ports;
      const [before, after]: [WorkItem[], WorkItem[]] = [[], []];
      const end = work.handle("q", noting(before));
      await work.add({ queue: "q", payload: 1 });
      await waitFor("the first", () => before.length === 1);
      end();
      end();
      await work.add({ queue: "q", payload: 2 });
      work.handle("q", noting(after));
      await waitFor("the second", () => after.length === 1);
      expect(before).toHaveLength(1);
    });
  });
}
