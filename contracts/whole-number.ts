// Whole numbers of a query string: digits and nothing else, so that `0x10`, `1e1` and ` 10` are faults and no numbers.
import { z } from "zod";

/** @param otherwise what it is when the query has none */
export function wholeNumber(least: number, most: number, otherwise: number) {
  const digits = z
    .string()
    .regex(/^\d{1,9}$/, `must be a whole number from ${least} to ${most}`)
    .transform(Number);
  return z.union([z.int(), digits]).pipe(z.int().min(least).max(most)).default(otherwise);
}
