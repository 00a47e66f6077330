// What a transaction that reads before it writes holds against others: the one place that knows how.
import { type Kysely, PostgresAdapter, sql } from "kysely";

/**
 * From here to the end of the transaction nobody else is past the same call with this name, in whatever process. Call it first,
 * before the first read: what is read after it cannot be changed by another one that calls it too.
 * Embedded it does nothing, because there a transaction has the one writer for itself; on PostgreSQL it is an advisory lock of the
 * transaction (a hash of the name, so that two names may share one, which only costs time).
 * @param transaction of Kysely; outside one it holds nothing
 * @param name what is decided about, e.g. `quota usr_…`
 */
export async function holdLock<Tables>(transaction: Kysely<Tables>, name: string): Promise<void> {
  if (!(transaction.getExecutor().adapter instanceof PostgresAdapter)) return;
  await sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(transaction);
}
