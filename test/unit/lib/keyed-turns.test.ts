import { expect, test } from "@jest/globals";
import { KeyedTurns } from "../../../lib/keyed-turns.ts";

/** Work that ends when the test says so. */
function works(count: number) {
  const begun: number[] = [];
  const ends = Array.from({ length: count }, () => Promise.withResolvers<void>());
  const work = (n: number) => async () => {
    begun.push(n);
    await ends[n]?.promise;
    return n;
  };
  return {
    begun,
    work,
    end: (n: number) => ends[n]?.resolve(),
    fail: (n: number) => ends[n]?.reject(new Error()),
  };
}
const soon = () => new Promise((resolve) => setImmediate(resolve));

test("two of a key are under way at once, the rest follow in their order, also behind one that fails; other keys wait for none of them", async () => {
  const turns = new KeyedTurns();
  const { begun, work, end, fail } = works(6);
  const asked = [0, 1, 2, 3].map((n) => turns.run("one", work(n)).catch(() => "failed"));
  const other = turns.run("other", work(5));
  await soon();
  expect(begun).toEqual([0, 1, 5]);
  fail(1);
  await soon();
  expect(begun).toEqual([0, 1, 5, 2]);
  for (const n of [0, 2, 3, 5]) end(n);
  expect(await Promise.all([...asked, other])).toEqual([0, "failed", 2, 3, 5]);
  end(4);
  expect(await turns.run("one", work(4))).toBe(4);
});

test("one whose turn comes too late is not begun, and says so", async () => {
  const turns = new KeyedTurns(-1);
  const { begun, work, end } = works(4);
  const asked = [0, 1, 2].map((n) => turns.run("one", work(n)));
  const late = expect(asked[2]).rejects.toMatchObject({ type: "busy" });
  await soon();
  end(0);
  await late;
  end(1);
  end(3);
  expect(await turns.run("one", work(3))).toBe(3);
  expect(begun).toEqual([0, 1, 3]);
});
