// Kysely on the pool: what a transaction asks at once goes out together, transactions that were in each other's way are repeated, and
// a text is ordered by its bytes, as in SQLite.
import {
  type ColumnDefinitionNode,
  type DataTypeNode,
  type Dialect,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  Transaction,
  type TransactionBuilder,
} from "kysely";
import type { PostgresConnection } from "./connection.ts";
import type { Pool } from "./pool.ts";
import { isRepeatable } from "./postgres-error.ts";

const MOST_TRIES = 5;
/** The first wait before a transaction is repeated; each is twice the one before, and a part of it by chance. */
const FIRST_WAIT_MS = 10;

/** @param pool ended by whoever made it */
export function kyselyOn<Tables>(pool: Pool): Kysely<Tables> {
  const driver = new PoolDriver(pool);
  return new PatientKysely<Tables>(driver, dialectOn(driver));
}

function dialectOn(driver: Driver): Dialect {
  return {
    createAdapter: () => new Adapter(),
    createDriver: () => driver,
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new Compiler(),
  };
}

class PoolDriver implements Driver {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async init(): Promise<void> {}

  acquireConnection(): Promise<PostgresConnection> {
    return this.#pool.connect();
  }

  async beginTransaction(connection: PostgresConnection): Promise<void> {
    connection.begin();
  }

  commitTransaction(connection: PostgresConnection): Promise<void> {
    return connection.commit();
  }

  rollbackTransaction(connection: PostgresConnection): Promise<void> {
    return connection.rollback();
  }

  async releaseConnection(connection: PostgresConnection): Promise<void> {
    connection.release();
  }

  async destroy(): Promise<void> {}
}

/** Kysely's own lock for migrations is of the connection, and cannot be given back in a transaction that failed: open-postgres.ts has one of its own. */
class Adapter extends PostgresAdapter {
  override async acquireMigrationLock(): Promise<void> {}
  override async releaseMigrationLock(): Promise<void> {}
}

/**
 * Texts are compared byte by byte (collation "C"), whatever the database was made with: ids and times come in the order that the
 * services expect, and an index outlives a system with other rules of order.
 */
class Compiler extends PostgresQueryCompiler {
  #isColumn = false;

  protected override visitColumnDefinition(node: ColumnDefinitionNode): void {
    this.#isColumn = true;
    super.visitColumnDefinition(node);
  }

  protected override visitDataType(node: DataTypeNode): void {
    super.visitDataType(node);
    if (this.#isColumn && node.dataType === "text") this.append(' collate "C"');
    this.#isColumn = false;
  }
}

/** A transaction that the server undid for the sake of others is done again as a whole: its function may run several times. */
class PatientKysely<Tables> extends Kysely<Tables> {
  readonly #parts: { driver: Driver; dialect: Dialect };

  constructor(driver: Driver, dialect: Dialect) {
    super({ dialect });
    this.#parts = { driver, dialect };
  }

  override transaction(): TransactionBuilder<Tables> {
    const builder = super.transaction();
    builder.execute = <T>(work: (transaction: Transaction<Tables>) => Promise<T>) =>
      repeated(() => this.#once(work));
    return builder;
  }

  /** Kysely's own lets each statement wait for the answer to the one before, also of those that are asked at once. */
  #once<T>(work: (transaction: Transaction<Tables>) => Promise<T>): Promise<T> {
    const { driver, dialect } = this.#parts;
    return this.getExecutor().provideConnection(async (given) => {
      const connection = given as PostgresConnection;
      const executor = this.getExecutor().withConnectionProvider({
        provideConnection: (use) => use(connection),
      });
      const transaction = new Transaction<Tables>({ config: { dialect }, dialect, driver, executor });
      connection.begin();
      try {
        const result = await work(transaction);
        await connection.commit();
        return result;
      } catch (thrown) {
        await connection.rollback();
        throw thrown;
      }
    });
  }
}

async function repeated<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (thrown) {
      if (tries === MOST_TRIES || !isRepeatable(thrown)) throw thrown;
      const wait = FIRST_WAIT_MS * 2 ** tries * (0.5 + Math.random());
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}
