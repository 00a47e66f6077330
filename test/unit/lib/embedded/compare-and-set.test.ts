// What is answered without mingo is what mingo would answer.
import { expect, test } from "@jest/globals";
import { Query } from "mingo";
import { fulfils } from "../../../../lib/embedded/documents/kept-documents.ts";

const VALUES = [undefined, null, 0, 1, "", "a", "b", true, false, ["a"], [], ["a", "b"], { a: 1 }];
const CONDITIONS = [
  ...VALUES.slice(1, 9),
  { $in: ["a", null] },
  { $in: [] },
  { $in: [1, "b", true] },
  { $in: [["a"], "b"] },
  { $in: [{ a: 1 }] },
  { $ne: null },
  { $ne: "a" },
  { $ne: 0 },
  { $ne: ["a"] },
  { $ne: "a", $in: ["b", "a"] },
  { $exists: true },
  { $gt: 0 },
  { $lte: 0 },
  { $lte: 1 },
  { $lte: "a" },
  { $lte: null },
];

test("a condition is answered as MongoDB's query language has it, quick or not", () => {
  for (const value of VALUES)
    for (const wanted of CONDITIONS) {
      // As mingo is asked for a field of arrays: equality with a scalar means "contains", which no condition of ours says.
      if (Array.isArray(value) && (wanted === null || typeof wanted !== "object")) continue;
      const document = { _id: "1", ...(value === undefined ? {} : { field: value }) };
      const condition = { field: wanted } as never;
      expect({ value, wanted, is: fulfils(document, condition) }).toEqual({
        value,
        wanted,
        is: new Query(condition).test(document),
      });
    }
});
