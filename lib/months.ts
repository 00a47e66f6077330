// Tables that only grow, on PostgreSQL in a partition a month that makes itself, so that old months can be taken away as a whole. A row
// whose month has none yet goes to the default partition: nothing is refused for a missing one. Embedded a table stays one table, and all
// of this does nothing.
import { type Kysely, PostgresAdapter, type QueryExecutorProvider, sql } from "kysely";
import { holdLock } from "./sql.ts";

/** `day` is the column of a day, YYYY-MM-DD; it must be part of `key`, which the server keeps unique in each partition only. */
export type ByMonth = { table: string; day: string; key: readonly string[] };

/** How long a month that is made waits for those who use the table, because everybody else waits behind it. */
const LOCK_MS = 1_000;

const isPostgres = (db: QueryExecutorProvider) => db.getExecutor().adapter instanceof PostgresAdapter;
const restOf = ({ table }: ByMonth) => `${table}_default`;
const partitionOf = ({ table }: ByMonth, month: string) => `${table}_${month.replace("-", "_")}`;

/** In a migration, so all or nothing: the table that was, its key `<table>_key`, becomes one of partitions; its rows go to their months. */
export async function partitionByMonth(db: Kysely<unknown>, table: ByMonth, nowMs: number): Promise<void> {
  if (!isPostgres(db)) return;
  const [all, rest] = [sql.id(table.table), sql.id(restOf(table))];
  const constraint = sql.id(`${table.table}_key`);
  const key = sql.join(table.key.map((name) => sql.id(name)));
  for (const statement of [
    sql`alter table ${all} rename to ${rest}`,
    sql`alter table ${rest} drop constraint ${constraint}`,
    sql`create table ${all} (like ${rest}) partition by range (${sql.id(table.day)})`,
    sql`alter table ${all} add constraint ${constraint} primary key (${key})`,
    sql`alter table ${all} attach partition ${rest} default`,
  ])
    await statement.execute(db);
  for (const month of await missingMonths(db, table, nowMs)) await makeMonth(db, table, month);
}

/**
 * Makes the partitions of this month, of the next and of whatever lies in the default one; safe to repeat, from several processes at
 * once. A month is a transaction of its own.
 * @throws store_unavailable when the table is in use for so long that others would have to wait; what is missing then is no fault yet
 */
export async function keepMonths<Tables>(db: Kysely<Tables>, table: ByMonth, nowMs: number): Promise<void> {
  const any = db as unknown as Kysely<unknown>;
  if (!isPostgres(db)) return;
  for (const month of await missingMonths(any, table, nowMs))
    await any.transaction().execute((transaction) => makeMonth(transaction, table, month, LOCK_MS));
}

/** One that was taken away and is still there under its name is not made again: its late rows stay in the default partition. */
async function missingMonths(db: Kysely<unknown>, table: ByMonth, nowMs: number): Promise<string[]> {
  const now = monthOf(nowMs);
  const found = await sql<{ month: string }>`select month from
    (select distinct substr(${sql.ref(table.day)}, 1, 7) as month from ${sql.table(restOf(table))}
      union values (${now}::text), (${after(now)}::text)) as wanted
    where month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'
      and to_regclass(${`${table.table}_`}::text || replace(month, '-', '_')) is null
    order by month`.execute(db);
  return found.rows.map(({ month }) => month);
}

/** @param lockMs the longest wait for the table; as long as the connection waits unless given */
async function makeMonth(
  transaction: Kysely<unknown>,
  table: ByMonth,
  month: string,
  lockMs?: number,
): Promise<void> {
  const [all, rest, own] = [table.table, restOf(table), partitionOf(table, month)].map((name) =>
    sql.id(name),
  );
  const day = sql.ref(table.day);
  const [from, to] = [`${month}-01`, `${after(month)}-01`];
  await holdLock(transaction, `months of ${table.table}`);
  // Read as rows are: what this connection knows of names may be of the time before it had the lock.
  const made = sql`select 1 from pg_class where relname = ${partitionOf(table, month)}
    and relnamespace = current_schema()::regnamespace`;
  if ((await made.execute(transaction)).rows.length > 0) return;
  if (lockMs !== undefined)
    await sql`select set_config('lock_timeout', ${String(lockMs)}, true)`.execute(transaction);
  for (const statement of [
    // Who plans its look while rows go from one partition to another would look in neither: nobody does meanwhile.
    sql`lock table ${all} in access exclusive mode`,
    sql`create table ${own} (like ${all} including all)`,
    sql`with moved as (delete from ${rest} where ${day} >= ${from} and ${day} < ${to} returning *)
      insert into ${own} select * from moved`,
    sql`alter table ${all} attach partition ${own} for values from (${sql.lit(from)}) to (${sql.lit(to)})`,
  ])
    await statement.execute(transaction);
}

/** `YYYY-MM`, UTC. */
function monthOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 7);
}

function after(month: string): string {
  const [year = 0, number = 0] = month.split("-").map(Number);
  return monthOf(Date.UTC(year, number, 1));
}
