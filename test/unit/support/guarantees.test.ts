// Each guarantee is stated by a test of one process and by a test of a cluster, found by its number at the beginning of its name.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { FLOWS } from "../../support/on-cluster.ts";

const TESTS = join(import.meta.dirname, "../..");
const IN_BOTH = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 16, 19, 20, 21, 31];
const OF_A_CLUSTER = [...IN_BOTH, 10];

const filesIn = (folder: string) =>
  readdirSync(join(TESTS, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => join(folder, name));

/** The numbers that names of tests in these files begin with: "G1, G2 …", "G1 to G9 …". */
function stated(files: string[]): Set<number> {
  const numbers = new Set<number>();
  for (const file of files)
    for (const [, from, to, more] of readFileSync(join(TESTS, file), "utf8").matchAll(
      /["`]G(\d+)(?: to G(\d+))?((?:, G\d+)*)/g,
    )) {
      for (let number = Number(from); number <= Number(to ?? from); number += 1) numbers.add(number);
      for (const [, other] of (more ?? "").matchAll(/G(\d+)/g)) numbers.add(Number(other));
    }
  return numbers;
}

test("of one process", () => {
  const numbers = stated(["unit", "flow", "chaos"].flatMap(filesIn));
  expect(IN_BOTH.filter((number) => !numbers.has(number))).toEqual([]);
});

test("of a cluster: by its own tests, and by the flow tests that run on one", () => {
  const numbers = stated([...filesIn("cluster"), ...FLOWS.map((name) => `flow/${name}.test.ts`)]);
  expect(OF_A_CLUSTER.filter((number) => !numbers.has(number))).toEqual([]);
});
