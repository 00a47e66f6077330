// How often the table is asked: looks are what waiting work costs while nothing happens, and what many items share.
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { type Look, type Taken, WorkQueues, type WorkRows } from "../../../../lib/work/work-queues.ts";

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

/** A table in memory, of one queue, that counts the looks at it. */
function countedRows() {
  const due: Taken[] = [];
  const counted = { looks: 0, finished: [] as unknown[] };
  /** Their keys were added once more while they ran. */
  const again = new Set<string>();
  const rows: WorkRows = {
    async take(_queue, limit): Promise<Look<Taken>> {
      counted.looks += 1;
      return { taken: due.splice(0, limit), nextIn: undefined };
    },
    putBack: async (item) => void due.push(item),
    async finish(item) {
      counted.finished.push(item.payload);
      if (!again.delete(item.id)) return false;
      due.push(item);
      return true;
    },
    postpone: async (item) => void due.push({ ...item, attempt: item.attempt + 1 }),
    bury: async () => false,
    hold: () => ({ signal: new AbortController().signal, release: () => undefined }),
  };
  const add = (...names: string[]) =>
    due.push(...names.map((id) => ({ id, queue: "q", payload: id, attempt: 1, added: 1 })));
  return { rows, counted, again, add };
}

const names = (count: number) => Array.from({ length: count }, (_, n) => String(n));

test("what is added while a queue lingers is taken at one look, however often it is woken", async () => {
  const { rows, counted, add } = countedRows();
  const queues = new WorkQueues(rows);
  queues.handle("q", async () => undefined, { lingerMs: 250, concurrency: 100 });
  for (const name of names(60)) {
    add(name);
    queues.wake("q");
    await pass(3);
  }
  await pass(100);
  expect([counted.looks, counted.finished.length]).toEqual([1, 60]);
  // The end of what was taken is no reason to look again.
  await pass(10_000);
  expect(counted.looks).toBe(1);
  add("later");
  queues.wake("q");
  await pass(249);
  expect(counted.looks).toBe(1);
  await pass(1);
  expect([counted.looks, counted.finished.length]).toEqual([2, 61]);
});

test("a backlog is not lingered over: what there was no room for is taken when there is", async () => {
  const { rows, counted, add } = countedRows();
  const queues = new WorkQueues(rows);
  add(...names(35));
  queues.handle("q", async () => undefined, { lingerMs: 1_000, concurrency: 10 });
  await pass(1_000);
  await pass(10);
  expect([counted.looks, counted.finished.length]).toEqual([4, 35]);
});

test("one that was added while all hands were full is begun when the first of them is free", async () => {
  const { rows, counted, add } = countedRows();
  const queues = new WorkQueues(rows);
  const ends = new Map<unknown, () => void>();
  queues.handle("q", ({ payload }) => new Promise((resolve) => ends.set(payload, resolve)), {
    concurrency: 2,
  });
  add("a", "b");
  await pass(0);
  add("c");
  queues.wake("q");
  await pass(10);
  expect([...ends.keys()]).toEqual(["a", "b"]);
  ends.get("b")?.();
  await pass(10);
  expect([...ends.keys()]).toEqual(["a", "b", "c"]);
  expect(counted.finished).toEqual(["b"]);
});

test("what was found while one ended, and filled the room that was known of, is not all that is begun", async () => {
  const { rows, add } = countedRows();
  const queues = new WorkQueues(rows);
  const ends = new Map<unknown, () => void>();
  const take = rows.take.bind(rows);
  let answer: Promise<void> | undefined;
  rows.take = async (...given) => {
    await answer;
    return take(...given);
  };
  queues.handle("q", ({ payload }) => new Promise((resolve) => ends.set(payload, resolve)), {
    concurrency: 2,
  });
  add("a");
  await pass(0);
  const asked = Promise.withResolvers<void>();
  answer = asked.promise;
  add("b", "c");
  queues.wake("q");
  await pass(1);
  ends.get("a")?.();
  await pass(1);
  asked.resolve();
  await pass(1);
  expect([...ends.keys()]).toEqual(["a", "b", "c"]);
});

test("what was added again while it ran is done again at once, though nobody wakes the queue", async () => {
  const { rows, counted, again, add } = countedRows();
  const queues = new WorkQueues(rows);
  add("twice", "once");
  again.add("twice");
  queues.handle("q", async () => undefined);
  await pass(10);
  expect(counted.finished).toEqual(["twice", "once", "twice"]);
});

test("what has failed is tried again after its delay, without a look before", async () => {
  const { rows, counted, add } = countedRows();
  const queues = new WorkQueues(rows);
  const attempts: number[] = [];
  add("once more");
  queues.handle("q", async ({ attempt }) => {
    attempts.push(attempt);
    if (attempt === 1) throw new Error("not today");
  });
  await pass(999);
  expect([counted.looks, attempts]).toEqual([1, [1]]);
  await pass(10);
  expect([counted.looks, attempts]).toEqual([2, [1, 2]]);
});

test("what goes on failing is tried again after 1 s, and after twice as long each time up to 60 s, until it is given up", async () => {
  const { rows, add } = countedRows();
  const told: number[] = [];
  const postpone = rows.postpone.bind(rows);
  rows.postpone = (item, error, delayMs) => {
    told.push(delayMs);
    return postpone(item, error, delayMs);
  };
  const buried: [number, string][] = [];
  rows.bury = async ({ attempt }, { message }) => {
    buried.push([attempt, message]);
    return false;
  };
  const queues = new WorkQueues(rows);
  const begun: number[] = [];
  add("never");
  queues.handle("q", async ({ attempt }) => {
    begun.push(performance.now());
    throw new Error(`not at attempt ${attempt}`);
  });
  await pass(3_600_000);
  const waits = begun.slice(1).map((at, index) => Math.round(at - (begun[index] ?? 0)));
  const series = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000];
  // As the table is told, which another process may take it from, and as it is done here.
  expect({ told, waits }).toEqual({ told: series, waits: series });
  expect(buried).toEqual([[10, "not at attempt 10"]]);
});

test("a queue in which nothing is found is looked at less often, and as often as before when there is something", async () => {
  const { rows, counted, add } = countedRows();
  const queues = new WorkQueues(rows, 5_000);
  queues.handle("q", async () => undefined);
  await pass(0);
  await pass(60_000);
  // At 0, 10, 30 and 50 s.
  expect(counted.looks).toBe(4);
  add("at last");
  await pass(10_000);
  expect(counted.finished).toEqual(["at last"]);
  await pass(5_000);
  expect(counted.looks).toBe(6);
});
