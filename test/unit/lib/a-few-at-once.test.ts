import { expect, test } from "@jest/globals";
import { aFewAtOnce } from "../../../lib/a-few-at-once.ts";

async function* numbers(count: number) {
  for (let n = 0; n < count; n += 1) yield n;
}
const soon = () => new Promise((resolve) => setImmediate(resolve));

test("all are done, never more at a time than allowed", async () => {
  const done: number[] = [];
  let [now, most] = [0, 0];
  await aFewAtOnce(numbers(20), 3, async (n) => {
    now += 1;
    most = Math.max(most, now);
    await soon();
    now -= 1;
    done.push(n);
  });
  expect(done.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n));
  expect(most).toBe(3);
});

test("what one throws is thrown", async () => {
  const work = async (n: number) => {
    if (n === 2) throw new Error("two");
  };
  await expect(aFewAtOnce(numbers(5), 2, work)).rejects.toThrow("two");
});
