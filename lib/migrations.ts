// Brings the tables of a service up to date, in both modes. Each service has its own list of migrations, so that services can be
// updated one by one.
import type { Kysely } from "kysely";
import { Migrator } from "kysely/migration";
import { toError } from "./errors.ts";
import type { Migrations } from "./ports/ports.ts";

/**
 * Safe to repeat.
 * @param db where several processes share it: a transaction that no other one has at the same time
 * @param what is restored from a backup when a newer program has been here: "data folder"
 * @throws what a migration throws, with nothing of it done; Error in words when the tables are newer than this program
 */
export async function runMigrations(
  db: Kysely<unknown>,
  service: string,
  migrations: Migrations,
  what: string,
): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => migrations },
    migrationTableName: `migrations_${service}`,
    migrationLockTableName: `migrations_${service}_lock`,
  });
  const { error } = await migrator.migrateToLatest();
  if (error) throw problemOf(error, what);
}

/** A step that was done and is not known: a newer program has done it. */
function problemOf(error: unknown, what: string): unknown {
  if (!toError(error).message.startsWith("corrupted migrations: previously executed")) return error;
  return new Error(
    `The database was written by a newer MacJarvis. Update MacJarvis, or restore the ${what} from a backup of before the update.`,
    { cause: error },
  );
}
