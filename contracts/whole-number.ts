// Whole numbers of a query string: digits and nothing else, so that `0x10`, `1e1` and ` 10` are faults and no numbers.
import { z } from "zod";

/** @param otherwise what it is when the query has none */
export function wholeNumber(least: number, most: number, otherwise: number) {
  const fault = `must be a whole number from ${least} to ${most}`;
  return z
    .preprocess(fromDigits, z.int(fault).min(least, fault).max(most, fault))
    .meta({ type: "integer", minimum: least, maximum: most })
    .default(otherwise);
}

function fromDigits(value: unknown): unknown {
  return typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : value;
}
