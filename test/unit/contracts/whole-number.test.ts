import { describe, expect, test } from "@jest/globals";
import { wholeNumber } from "../../../contracts/whole-number.ts";

const limit = wholeNumber(1, 100, 50);

describe("a whole number of a query", () => {
  test.each([
    [undefined, 50],
    ["1", 1],
    ["100", 100],
    [7, 7],
  ])("%p is %p", (given, number) => {
    expect(limit.parse(given)).toBe(number);
  });

  test.each(["", "0", "101", "0x10", "1e1", " 10", "+5", "1.5", "9".repeat(20), 1.5, null, ["5"]])(
    "%p is a fault that says what it must be",
    (given) => {
      const { error } = limit.safeParse(given);
      expect(error?.issues[0]?.message).toBe("must be a whole number from 1 to 100");
    },
  );
});
