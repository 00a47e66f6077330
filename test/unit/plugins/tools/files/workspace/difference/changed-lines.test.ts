// The shortest way between two texts, against the table that every textbook has.
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { Breath } from "../../../../../../../plugins/tools/files/workspace/breath.ts";
import { changedLines } from "../../../../../../../plugins/tools/files/workspace/difference/changed-lines.ts";

const breath = new Breath(new AbortController().signal);
const compare = (from: number[], to: number[]) =>
  changedLines(Int32Array.from(from), Int32Array.from(to), breath);

/** Lines that two texts have in common, at most, in their order. */
function longestCommon(from: number[], to: number[]): number {
  let row = new Array<number>(to.length + 1).fill(0);
  for (const one of from) {
    const next = [0];
    for (const [at, other] of to.entries())
      next.push(one === other ? (row[at] ?? 0) + 1 : Math.max(row[at + 1] ?? 0, next[at] ?? 0));
    row = next;
  }
  return row.at(-1) ?? 0;
}

test("what is not marked is the same in both, and as much as can be", async () => {
  const lines = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(lines, lines, async (from, to) => {
      const { removed, added, isShortest } = await compare(from, to);
      const left = from.filter((_, at) => removed[at] === 0);
      expect(to.filter((_, at) => added[at] === 0)).toEqual(left);
      expect(left).toHaveLength(longestCommon(from, to));
      expect(isShortest).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test("texts that are turned around end in bounded work, with a way that is right", async () => {
  const from = Array.from({ length: 20_000 }, (_, n) => n);
  const to = from.toReversed();
  const { removed, added, isShortest } = await compare(from, to);
  const left = from.filter((_, at) => removed[at] === 0);
  expect(to.filter((_, at) => added[at] === 0)).toEqual(left);
  expect(isShortest).toBe(false);
});
