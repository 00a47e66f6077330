// What is in the audit table, or at it, that this server never puts there: rows that cannot be read as rows, and parts of the
// schema that change rows behind its back. Read by `audit verify`.
import type { AuditPart } from "../ports/audit.ts";
import type { Store } from "./store.ts";

const TEXTS = ["writer", "at", "subject", "entry", "user_id", "details", "hash", "seal"] as const;
const LARGEST = Number.MAX_SAFE_INTEGER;
/** Rows that are named; of more, how many they are. */
const NAMED = 100;

/** Holds for rows that can be read and for no others; a text with a zero byte in it is shown shorter than it is. */
export function readable(columns: ReadonlySet<string>): string {
  const texts = TEXTS.filter((name) => columns.has(name));
  return [
    // By its plus no bound of the index: SQLite would read from there on, however far on the rows are that are asked for.
    `typeof(seq) = 'integer' AND +seq BETWEEN -${LARGEST} AND ${LARGEST}`,
    ...texts.map((name) => `typeof(${name}) = 'text' AND instr(${name}, char(0)) = 0`),
  ].join(" AND ");
}

/** In words, one each; inside an operation of the store. */
export function oddities(store: Store, columns: ReadonlySet<string>): string[] {
  const isOdd = `NOT coalesce(${readable(columns)}, 0)`;
  const count = Number(store.statement(`SELECT count(*) AS n FROM audit WHERE ${isOdd}`).get()?.n);
  const rows = store
    .statement(`SELECT quote(writer) AS writer, quote(seq) AS seq FROM audit WHERE ${isOdd} LIMIT ${NAMED}`)
    .all()
    .map(nameOf);
  if (count > NAMED) rows.push(`and ${count - NAMED} more rows that cannot be read`);
  return [...foreignSchema(store), ...rows];
}

/** As `oddities`, at the cost of a part (`AuditRows.unreadableIn`). */
export function odditiesIn(store: Store, columns: ReadonlySet<string>, part: AuditPart): string[] {
  const find = (condition: string, ...values: (string | number)[]) =>
    store
      .statement(
        `SELECT quote(writer) AS writer, quote(seq) AS seq FROM audit WHERE ${condition} LIMIT ${NAMED}`,
      )
      .all(...values)
      .map(nameOf);
  // A writer that is no text stands behind all that are.
  if (part === "besides") return [...foreignSchema(store), ...find("writer >= x''")];
  const isOdd = `NOT coalesce(${readable(columns)}, 0)`;
  const { writer, after, last } = part;
  return last === null
    ? find(`writer = ? AND seq > ? AND ${isOdd}`, writer, after)
    : find(`writer = ? AND seq > ? AND seq <= ? AND ${isOdd}`, writer, after, last);
}

/** MacJarvis makes no trigger at all, and of the trail nothing but its table and one index. */
function foreignSchema(store: Store): string[] {
  const sql = `SELECT type, name FROM sqlite_master WHERE type = 'trigger'
    OR (lower(tbl_name) = 'audit' AND NOT (type = 'table' AND name = 'audit')
      AND NOT (type = 'index' AND (name = 'audit_entry' OR name LIKE 'sqlite_autoindex_audit_%')))`;
  return store
    .statement(sql)
    .all()
    .map(
      ({ type, name }) =>
        `the ${String(type)} "${String(name)}" is not this server's: it can change the trail`,
    );
}

const nameOf = ({ writer, seq }: Record<string, unknown>) =>
  `${short(writer)} row ${short(seq)} is no row that can be read: it was added or changed`;
const short = (value: unknown): string => String(value).slice(0, 80);
