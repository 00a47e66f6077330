// Kysely on the pool: transactions that were in each other's way are repeated, and a text is ordered by its bytes, as in SQLite.
import {
  type ColumnDefinitionNode,
  type DataTypeNode,
  type Dialect,
  Kysely,
  PostgresAdapter,
  PostgresDriver,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type Transaction,
  type TransactionBuilder,
} from "kysely";
import type { Pool } from "./pool.ts";
import { isRepeatable } from "./postgres-error.ts";

const MOST_TRIES = 5;
/** The first wait before a transaction is repeated; each is twice the one before, and a part of it by chance. */
const FIRST_WAIT_MS = 10;

/** @param pool ended by whoever made it */
export function kyselyOn<Tables>(pool: Pool): Kysely<Tables> {
  return new PatientKysely<Tables>({ dialect: dialectOn(pool) });
}

function dialectOn(pool: Pool): Dialect {
  return {
    createAdapter: () => new Adapter(),
    createDriver: () => new PostgresDriver({ pool }),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new Compiler(),
  };
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
  override transaction(): TransactionBuilder<Tables> {
    const builder = super.transaction();
    const once = builder.execute.bind(builder);
    builder.execute = <T>(work: (transaction: Transaction<Tables>) => Promise<T>) =>
      repeated(() => once(work));
    return builder;
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
