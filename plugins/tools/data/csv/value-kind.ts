// What a field of a table is: a number, a date, a truth, nothing, or text.

export type Value =
  | { kind: "null" | "boolean" | "text" }
  | { kind: "integer" | "number"; number: number }
  /** `order`: what sorts as the dates do; undefined where day and month cannot be told apart. */
  | { kind: "date"; order: string | undefined };
export type ValueKind = Value["kind"];

/** What programs write where there is no value; any case. */
const NULLS = new Set(["", "na", "n/a", "#n/a", "null", "none", "nil", "nan", "\\n", "-"]);
const BOOLEANS = new Set(["true", "false", "yes", "no", "是", "否"]);
/** With commas or spaces between thousands, a point before decimals. */
const NUMBER = /^[+-]?(?:\d+|\d{1,3}(?:[,\u00a0\u202f' ]\d{3})+)(\.\d+)?(e[+-]?\d{1,3})?$/i;
/** As it is written in most of Europe. */
const DECIMAL_COMMA = /^[+-]?(?:\d+|\d{1,3}(?:[.\u00a0\u202f' ]\d{3})+),\d+$/;
/** Numbers that stand for things, such as 007 and those of bank accounts, are no quantities. */
const NO_QUANTITY = /^[+-]?0\d|^\D*\d{16,}$/;
const YEAR_FIRST =
  /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T\s]+(\d{1,2}):(\d{2})(?::(\d{2}(?:[.,]\d{1,9})?))?\s*(?:Z|UTC|[+-]\d{2}:?\d{2})?)?$/i;
const DAY_FIRST = /^(\d{1,2})\.(\d{1,2})\.(\d{4})(?:\s+(\d{1,2}):(\d{2})(?::(\d{2}))?)?$/;
const SLASHES = /^(\d{1,2})\/(\d{1,2})\/(\d{2}|\d{4})(?:\s+\d{1,2}:\d{2}(?::\d{2})?(?:\s*[ap]m)?)?$/i;
/** Nothing longer is anything but text. */
const LONGEST = 40;

/** @param hasDecimalComma whether a comma may stand before decimals: not where it parts the fields */
export function readValue(field: string, hasDecimalComma: boolean): Value {
  const text = field.trim();
  if (text.length > LONGEST) return { kind: "text" };
  const small = text.toLowerCase();
  if (NULLS.has(small)) return { kind: "null" };
  if (BOOLEANS.has(small)) return { kind: "boolean" };
  return numberOf(text, hasDecimalComma) ?? dateOf(text) ?? { kind: "text" };
}

function numberOf(text: string, hasDecimalComma: boolean): Value | undefined {
  if (!/^[+-]?\d/.test(text) || NO_QUANTITY.test(text)) return undefined;
  if (hasDecimalComma && DECIMAL_COMMA.test(text))
    return { kind: "number", number: Number(text.replace(/[.\u00a0\u202f' ]/g, "").replace(",", ".")) };
  const [found, decimals, exponent] = NUMBER.exec(text) ?? [];
  if (found === undefined) return undefined;
  const number = Number(found.replace(/[,\u00a0\u202f' ]/g, ""));
  if (!Number.isFinite(number)) return undefined;
  return { kind: decimals === undefined && exponent === undefined ? "integer" : "number", number };
}

function dateOf(text: string): Value | undefined {
  const [first, year, month, day, ...time] = YEAR_FIRST.exec(text) ?? [];
  if (first !== undefined) return ofDay([year, month, day, ...time]);
  const [second, ofMonth, month2, year2, ...time2] = DAY_FIRST.exec(text) ?? [];
  if (second !== undefined) return ofDay([year2, month2, ofMonth, ...time2]);
  const [third, one, other] = SLASHES.exec(text) ?? [];
  const isDay = Math.min(Number(one), Number(other)) <= 12 && Math.max(Number(one), Number(other)) <= 31;
  return third !== undefined && isDay ? { kind: "date", order: undefined } : undefined;
}

function ofDay(parts: (string | undefined)[]): Value | undefined {
  const [, month = 0, day = 0] = parts.map(Number);
  if (month < 1 || month > 12 || day < 1 || day > 31) return undefined;
  return { kind: "date", order: parts.map((part) => (part ?? "0").padStart(2, "0")).join(" ") };
}
