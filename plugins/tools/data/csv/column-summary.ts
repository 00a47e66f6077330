// What is known of one column of a table, whatever its length: kinds of values, bounds and mean, the most frequent ones.
import { headOf } from "../../../../lib/cut-text.ts";
import { readValue, type Value, type ValueKind } from "./value-kind.ts";

export type ColumnSummary = {
  name: string;
  /** That of all values that are not null; `mixed` where there are several, `empty` where there are none. */
  type: "integer" | "number" | "boolean" | "date" | "text" | "mixed" | "empty";
  /** Values that are not null. */
  count: number;
  nulls: number;
  /** Of numbers and dates. */
  min?: number | string;
  max?: number | string;
  mean?: number;
  /** Of texts, in characters. */
  shortest?: number;
  longest?: number;
  /** How many values are different, and that there are more than were told apart. */
  distinct: number;
  distinct_is_more?: true;
  most_frequent?: { value: string; count: number }[];
  /** Of a mixed column: how many there are of each kind. */
  kinds?: Partial<Record<ValueKind, number>>;
};

const MOST_DISTINCT = 1_000;
const SHOWN = 3;
const LONGEST_SHOWN = 60;

export class Column {
  readonly #kinds = new Map<ValueKind, number>();
  readonly #values = new Map<string, number>();
  #hasMore = false;
  #sum = 0;
  #numbers = { min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY };
  #dates: { min: [order: string, text: string]; max: [order: string, text: string] } | undefined;
  #isOrdered = true;
  #lengths = { min: Number.POSITIVE_INFINITY, max: 0 };

  /** @param nulls rows before the first that has this column */
  constructor(nulls: number) {
    this.addNulls(nulls);
  }

  addNulls(count: number): void {
    if (count > 0) this.#kinds.set("null", (this.#kinds.get("null") ?? 0) + count);
  }

  add(field: string, hasDecimalComma: boolean): void {
    const value = readValue(field, hasDecimalComma);
    this.#kinds.set(value.kind, (this.#kinds.get(value.kind) ?? 0) + 1);
    if (value.kind === "null") return;
    this.#bounds(value, field.trim());
    const { length } = field;
    this.#lengths = { min: Math.min(this.#lengths.min, length), max: Math.max(this.#lengths.max, length) };
    const key = headOf(field, LONGEST_SHOWN);
    const known = this.#values.get(key);
    if (known !== undefined || this.#values.size < MOST_DISTINCT) this.#values.set(key, (known ?? 0) + 1);
    else this.#hasMore = true;
  }

  summary(name: string): ColumnSummary {
    const { null: nulls = 0, ...kinds } = Object.fromEntries(this.#kinds) as Partial<
      Record<ValueKind, number>
    >;
    const count = Object.values(kinds).reduce((sum, each) => sum + each, 0);
    const type = typeOf(Object.keys(kinds) as ValueKind[]);
    return {
      ...{ name, type, count, nulls },
      ...this.#boundsOf(type, count),
      distinct: this.#values.size,
      ...(this.#hasMore ? { distinct_is_more: true as const } : {}),
      ...(this.#values.size < count ? { most_frequent: this.#mostFrequent() } : {}),
      ...(type === "mixed" ? { kinds } : {}),
    };
  }

  #bounds(value: Value, text: string): void {
    if (value.kind === "integer" || value.kind === "number") {
      this.#sum += value.number;
      this.#numbers = {
        min: Math.min(this.#numbers.min, value.number),
        max: Math.max(this.#numbers.max, value.number),
      };
    } else if (value.kind === "date") {
      if (value.order === undefined) this.#isOrdered = false;
      else this.#date([value.order, text]);
    }
  }

  #date(date: [order: string, text: string]): void {
    const { min, max } = this.#dates ?? { min: date, max: date };
    this.#dates = { min: date[0] < min[0] ? date : min, max: date[0] > max[0] ? date : max };
  }

  #boundsOf(type: ColumnSummary["type"], count: number): Partial<ColumnSummary> {
    if (type === "integer" || type === "number")
      return { ...this.#numbers, mean: Number((this.#sum / count).toPrecision(12)) };
    if (type === "date")
      return this.#dates && this.#isOrdered ? { min: this.#dates.min[1], max: this.#dates.max[1] } : {};
    if (type === "text" || type === "mixed")
      return { shortest: this.#lengths.min, longest: this.#lengths.max };
    return {};
  }

  #mostFrequent() {
    return [...this.#values]
      .filter(([, count]) => count > 1)
      .toSorted(([, one], [, other]) => other - one)
      .slice(0, SHOWN)
      .map(([value, count]) => ({ value, count }));
  }
}

function typeOf(kinds: ValueKind[]): ColumnSummary["type"] {
  const [kind] = kinds;
  if (kind === undefined || kind === "null") return "empty";
  if (kinds.length === 1) return kind;
  return kinds.every((each) => each === "integer" || each === "number") ? "number" : "mixed";
}
