import { expect, test } from "@jest/globals";
import { AppError } from "../../../lib/errors.ts";
import { Gathering } from "../../../lib/gathering.ts";

/** A store that notes what it is asked at once, and answers when it is let. */
function slowStore() {
  const asked: number[][] = [];
  const answers: (() => void)[] = [];
  const gathering = new Gathering<number, string>(async (items) => {
    asked.push(items);
    await new Promise<void>((resolve) => answers.push(resolve));
    return `write ${asked.length}`;
  });
  return { asked, gathering, answer: () => answers.shift()?.() };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("what comes in one breath is one write, and so is what comes while one is under way, in the order of the calls", async () => {
  const { asked, gathering, answer } = slowStore();
  const first = [1, 2, 3].map((n) => gathering.add(n));
  await turn();
  const second = [4, 5].map((n) => gathering.add(n));
  await turn();
  expect(asked).toEqual([[1, 2, 3]]);
  answer();
  expect(await Promise.all(first)).toEqual(["write 1", "write 1", "write 1"]);
  await turn();
  expect(asked).toEqual([
    [1, 2, 3],
    [4, 5],
  ]);
  answer();
  expect(await Promise.all(second)).toEqual(["write 2", "write 2"]);
});

test("a write has a hundred at most", async () => {
  const sizes: number[] = [];
  const gathering = new Gathering<number>(async (items) => void sizes.push(items.length));
  await Promise.all(Array.from({ length: 250 }, (_, n) => gathering.add(n)));
  expect(sizes).toEqual([100, 100, 50]);
});

test("one that cannot be written keeps no other from it; a store that is away refuses all at once", async () => {
  let writes = 0;
  let isAway = false;
  const gathering = new Gathering<string>(async (items) => {
    writes += 1;
    if (isAway) throw new AppError("store_unavailable");
    if (items.includes("bad")) throw new AppError("invalid_request");
  });
  const states = async () =>
    (await Promise.allSettled(["a", "bad", "b"].map((item) => gathering.add(item)))).map(
      ({ status }) => status,
    );
  expect(await states()).toEqual(["fulfilled", "rejected", "fulfilled"]);
  [writes, isAway] = [0, true];
  expect(await states()).toEqual(["rejected", "rejected", "rejected"]);
  expect(writes).toBe(1);
});
