// What the SQL of services shares: queries of hot paths that are compiled once, the lock of a transaction that reads before it
// writes, and the time as the store tells it.
import {
  type Compilable,
  type CompiledQuery,
  type DialectAdapter,
  type Kysely,
  PostgresAdapter,
  type RawBuilder,
  sql,
} from "kysely";

/** Stands for a value while a query is compiled. */
class Placeholder {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/**
 * @param names of the values; one that is missing here reaches the query as `undefined`, which Kysely refuses or leaves out
 * @param build makes the query from placeholders that are typed as the values they stand for; called once for each database
 * @returns a function that runs it and answers its rows
 */
export function prepared<Tables, Values extends object, Row>(
  names: (keyof Values & string)[],
  build: (db: Kysely<Tables>, values: Values) => Compilable<Row>,
): (db: Kysely<Tables>, values: Values) => Promise<Row[]> {
  const placeholders = Object.fromEntries(names.map((name) => [name, new Placeholder(name)]));
  // By the adapter, of which a database has one, its transactions included: another one may speak another dialect.
  const queries = new WeakMap<DialectAdapter, CompiledQuery<Row>>();
  return async (db, values) => {
    const { adapter } = db.getExecutor();
    let query = queries.get(adapter);
    if (!query) {
      query = build(db, placeholders as Values).compile();
      queries.set(adapter, query);
    }
    const parameters = query.parameters.map((parameter) =>
      parameter instanceof Placeholder ? values[parameter.name as keyof Values] : parameter,
    );
    return (await db.executeQuery<Row>({ ...query, parameters })).rows;
  };
}

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
