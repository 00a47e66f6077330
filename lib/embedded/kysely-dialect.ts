// Kysely on the process's one SQLite connection: its queries take their turn among the documents' operations.
import type { StatementSync } from "node:sqlite";
import {
  type CompiledQuery,
  type CreateTableNode,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  PrimaryKeyConstraintNode,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import type { Section, Store } from "./store.ts";
import { sqlValues } from "./store.ts";

class StoreAdapter extends SqliteAdapter {
  /** A migration is all there or not at all: SQLite rolls back changes of the schema too. */
  override get supportsTransactionalDdl(): boolean {
    return true;
  }

  /**
   * The store orders what comes. Kysely's own lock for SQLite would be held until a query is durable: everybody's queries would
   * wait for the disk one after the other, and a moment for whoever waits for its commit.
   */
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

/** A table with a primary key is kept in its order, so that a new row is one page of a commit and not two. */
class ClusteredCompiler extends SqliteQueryCompiler {
  protected override visitCreateTable(node: CreateTableNode): void {
    super.visitCreateTable(node);
    if (hasPrimaryKey(node)) this.append(" without rowid");
  }
}

function hasPrimaryKey({ columns, constraints = [] }: CreateTableNode): boolean {
  return (
    columns.some(({ primaryKey }) => primaryKey) ||
    constraints.some((part) => PrimaryKeyConstraintNode.is(part))
  );
}

export function storeDialect(store: Store): Dialect {
  return {
    createAdapter: () => new StoreAdapter(),
    createDriver: () => new StoreDriver(store),
    createIntrospector: (db: Kysely<unknown>) => new SqliteIntrospector(db),
    createQueryCompiler: () => new ClusteredCompiler(),
  };
}

class StoreDriver implements Driver {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<StoreConnection> {
    return new StoreConnection(this.#store);
  }

  beginTransaction(connection: StoreConnection): Promise<void> {
    return connection.begin();
  }

  commitTransaction(connection: StoreConnection): Promise<void> {
    return connection.end(true);
  }

  rollbackTransaction(connection: StoreConnection): Promise<void> {
    return connection.end(false);
  }

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {}
}

/** Asked of each statement once: the answer costs as much as a short query. */
const rowful = new WeakMap<StatementSync, boolean>();

function answersRows(statement: StatementSync): boolean {
  const known = rowful.get(statement) ?? statement.columns().length > 0;
  rowful.set(statement, known);
  return known;
}

class StoreConnection implements DatabaseConnection {
  readonly #store: Store;
  #section: Section | undefined;
  #isOver = false;

  constructor(store: Store) {
    this.#store = store;
  }

  async begin(): Promise<void> {
    const section: Section = {};
    await this.#store.beginSection(section);
    this.#section = section;
    this.#isOver = false;
  }

  async end(keep: boolean): Promise<void> {
    const section = this.#section;
    this.#section = undefined;
    this.#isOver = true;
    if (section) await this.#store.endSection(section, keep);
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    // Asked at once with one that failed: it must not be done behind what was undone.
    if (this.#isOver) throw new Error("the transaction is over");
    const operation = () => this.#execute<Row>(sql, parameters);
    if (this.#section) return this.#store.inSection(this.#section, operation);
    return /^\s*select/i.test(sql) ? this.#store.read(operation) : this.#store.write(operation);
  }

  // biome-ignore lint/correctness/useYield: the interface asks for it, the store has no cursors
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error("the store does not stream; page by an index instead");
  }

  #execute<Row>(sql: string, parameters: readonly unknown[]): QueryResult<Row> {
    const statement = this.#store.statement(sql);
    const values = sqlValues(parameters);
    if (answersRows(statement)) return { rows: statement.all(...values) as Row[] };
    const { changes, lastInsertRowid } = statement.run(...values);
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
  }
}
