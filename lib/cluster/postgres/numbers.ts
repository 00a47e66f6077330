// The one converter of what PostgreSQL answers as text because not all of it fits into a number: bigint (also of `count`) and
// numeric (also of `sum` over bigint). What does not fit is refused, never rounded: it may be money.
import pg from "pg";

const BIGINT = 20;
const NUMERIC = 1700;

/** @throws Error for an integer that a number does not hold exactly, and for `NaN` and infinities */
export function exactNumber(text: string): number {
  const value = Number(text);
  const isExact = Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
  if (!isExact)
    throw new Error(`The database answered the number ${text}, which cannot be worked with exactly.`);
  return value;
}

/** The driver's converters, with ours for these two. */
export const CONVERTERS: pg.CustomTypesConfig = {
  getTypeParser(type: number, format?: "text" | "binary") {
    if ((type === BIGINT || type === NUMERIC) && format !== "binary") return exactNumber;
    return pg.types.getTypeParser(type, format as "text");
  },
};

/** Values as columns hold them in both modes: booleans as 0 and 1, nothing as null, times as ISO text. */
export function columnValues(values: readonly unknown[]): unknown[] {
  return values.map((value) => {
    if (typeof value === "boolean") return value ? 1 : 0;
    if (value === undefined) return null;
    return value instanceof Date ? value.toISOString() : value;
  });
}
