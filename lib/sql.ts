// What the SQL of services shares: queries of hot paths that are compiled once, the lock of a transaction that reads before it
// writes, and the time as the store tells it.
import {
  CompiledQuery,
  type DialectAdapter,
  type Kysely,
  PostgresAdapter,
  type QueryExecutorProvider,
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

/** By its name, which stands for one text, a connection that keeps statements knows it again. */
export type NamedQuery<Row> = CompiledQuery<Row> & { readonly name?: string };

/** A query of Kysely's, or a text of `sql`. */
type Built<Tables, Row> = { compile(db: Kysely<Tables>): CompiledQuery<Row> };

/** How many have been named: as many as there are in the program, for each database. */
let named = 0;

/**
 * @param names of the values; one that is missing here reaches the query as `undefined`, which Kysely refuses or leaves out
 * @param build makes the query from placeholders that are typed as the values they stand for; called once for each database
 * @returns a function that runs it and answers its rows
 */
export function prepared<Tables, Values extends object, Row>(
  names: (keyof Values & string)[],
  build: (db: Kysely<Tables>, values: Values) => Built<Tables, Row>,
): (db: Kysely<Tables>, values: Values) => Promise<Row[]> {
  const placeholders = Object.fromEntries(names.map((name) => [name, new Placeholder(name)]));
  // By the adapter, of which a database has one, its transactions included: another one may speak another dialect.
  const queries = new WeakMap<DialectAdapter, NamedQuery<Row>>();
  return async (db, values) => {
    const { adapter } = db.getExecutor();
    let query = queries.get(adapter);
    if (!query) {
      named += 1;
      query = { ...build(db, placeholders as Values).compile(db), name: `prepared-${named}` };
      queries.set(adapter, query);
    }
    const parameters = query.parameters.map((parameter) =>
      parameter instanceof Placeholder ? values[parameter.name as keyof Values] : parameter,
    );
    const asked: NamedQuery<Row> = { ...query, parameters };
    return (await db.executeQuery<Row>(asked)).rows;
  };
}

/** The query that `commitNow` sends. */
export const COMMIT: NamedQuery<unknown> = { ...CompiledQuery.raw("commit"), name: "commit" };

/**
 * Ends the transaction together with its last statements: called behind them, in the same breath (`Promise.all`), it saves a round trip
 * on PostgreSQL. Nothing of the transaction can be asked behind it, and nothing may be thrown there any more that should undo it.
 * Embedded it does nothing: there the transaction ends when its function has.
 */
export async function commitNow(transaction: QueryExecutorProvider): Promise<void> {
  const executor = transaction.getExecutor();
  if (executor.adapter instanceof PostgresAdapter) await executor.executeQuery(COMMIT);
}

/**
 * From here to the end of the transaction nobody else is past the same call with this name, in whatever process. Call it first,
 * before the first read: what is read after it cannot be changed by another one that calls it too.
 * Embedded it does nothing, because there a transaction has the one writer for itself; on PostgreSQL it is an advisory lock of the
 * transaction (a hash of the name, so that two names may share one, which only costs time). Reads that follow need not wait for it:
 * called behind it in the same breath (`Promise.all`) they go out with it, and are of the time after it.
 * @param transaction of Kysely; outside one it holds nothing
 * @param name what is decided about, e.g. `quota usr_…`
 */
export async function holdLock<Tables>(transaction: Kysely<Tables>, name: string): Promise<void> {
  if (!(transaction.getExecutor().adapter instanceof PostgresAdapter)) return;
  await lock(transaction as unknown as Kysely<unknown>, { name });
}

const lock = prepared(
  ["name"],
  (_db: Kysely<unknown>, { name }: { name: string }) =>
    sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`,
);

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
