// moleculer-db's filters on a collection's table. Columns narrow it down; where they tell all, SQL orders and limits as well, and
// otherwise mingo does, on the documents that SQL has found. Indexed fields hold single values: that is what their columns hold.
import { orderOf, searched } from "../../document-filters.ts";
import type { Filters } from "../../ports/document-adapter.ts";
import type { Document, Scalar } from "../../ports/documents.ts";
import { type CollectionTable, equalTo, type Where } from "./collection-table.ts";
import { queryOf } from "./mingo.ts";

export type FindPlan = {
  /** What SQL is asked: `WHERE …`, and `ORDER BY … LIMIT …` when it can tell all. */
  where: Where;
  rest: Where;
  /** What is left to be done with the documents that it finds; undefined when nothing is. */
  finish: (<T extends Document>(found: T[]) => T[]) | undefined;
};

export function planFind(table: CollectionTable, filters: Filters): FindPlan {
  const query = filters.query ?? {};
  const { where, isWhole } = narrowed(table, query);
  const order = orderOf(filters);
  const columns = order.map(([field, direction]) => [table.columns.get(field), direction] as const);
  const isOrdered = columns.every(([column]) => column !== undefined);
  if (isWhole && isOrdered && !filters.search) {
    const by = [...columns, ["id", 1] as const].map(
      ([name, direction]) => `${name} ${direction === 1 ? "ASC" : "DESC"}`,
    );
    const rest = {
      sql: `ORDER BY ${by.join(", ")} LIMIT ? OFFSET ?`,
      values: [filters.limit || -1, filters.offset ?? 0],
    };
    return { where, rest, finish: undefined };
  }
  return {
    where,
    rest: { sql: "ORDER BY id", values: [] },
    finish: (found) => {
      const cursor = queryOf(query).find<(typeof found)[number]>(searched(found, filters));
      if (order.length > 0) cursor.sort(Object.fromEntries(order));
      if (filters.offset) cursor.skip(filters.offset);
      if (filters.limit) cursor.limit(filters.limit);
      return cursor.all();
    },
  };
}

/** What columns can tell of the query, and whether that is all of it. */
function narrowed(table: CollectionTable, query: object): { where: Where; isWhole: boolean } {
  const parts: string[] = [];
  const values: Scalar[] = [];
  let isWhole = true;
  for (const [field, wanted] of Object.entries(query)) {
    const column = table.columns.get(field);
    const among = amongOf(wanted);
    if (column === undefined || among === undefined) {
      isWhole = false;
    } else {
      parts.push(
        among.length === 1
          ? equalTo(column, among[0] ?? null)
          : `${column} IN (${among.map(() => "?").join(", ")})`,
      );
      values.push(...among);
      isWhole &&= among.every(isUnmistakable);
    }
  }
  return { where: { sql: parts.length > 0 ? parts.join(" AND ") : "1", values }, isWhole };
}

/** The values of an equality or of a plain `$in`; undefined for what SQL is not asked. */
function amongOf(wanted: unknown): Scalar[] | undefined {
  if (isScalar(wanted)) return [wanted];
  const { $in, ...others } = (wanted ?? {}) as { $in?: unknown };
  if (!Array.isArray($in) || Object.keys(others).length > 0) return undefined;
  return $in.every((value) => isScalar(value) && value !== null) ? $in : undefined;
}

const isScalar = (value: unknown): value is Scalar =>
  value === null || ["string", "number", "boolean"].includes(typeof value);

/** A column has 1 for `true` as well, and nothing for what is no single value: then mingo looks again. */
const isUnmistakable = (value: Scalar) =>
  typeof value === "string" || (typeof value === "number" && value !== 0 && value !== 1);
