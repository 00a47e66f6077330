// The time as the store tells it: what is aged by it never compares the clocks of two machines.
import { type Kysely, PostgresAdapter, type RawBuilder, sql } from "kysely";

/**
 * ISO 8601 UTC text with milliseconds, as every column of a time holds it.
 * @param agoMs so many milliseconds before now
 */
export function storeTime<Tables>(db: Kysely<Tables>, agoMs = 0): RawBuilder<string> {
  const seconds = agoMs / 1_000;
  if (db.getExecutor().adapter instanceof PostgresAdapter)
    return sql<string>`to_char((clock_timestamp() - make_interval(secs => ${seconds})) at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
  return sql<string>`strftime('%Y-%m-%dT%H:%M:%fZ', 'now', ${`${(-seconds).toFixed(3)} seconds`})`;
}
