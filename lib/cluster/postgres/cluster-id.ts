// The id of a cluster: made once, in the database that its people and their money are in. By it processes know that they belong together.
import { randomUUID } from "node:crypto";
import type { Kysely } from "kysely";
import type { Migrations } from "../../ports/ports.ts";
import type { Postgres } from "./open-postgres.ts";

type ClusterTables = { cluster: { id: string } };

export const CLUSTER_MIGRATIONS: Migrations = {
  // Only one process at a time, and once: so there is one id.
  "2026-11-29-cluster": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("cluster")
        .addColumn("id", "text", (column) => column.primaryKey())
        .execute();
      await (db as Kysely<ClusterTables>).insertInto("cluster").values({ id: randomUUID() }).execute();
    },
  },
};

/** Safe to repeat, from several processes. @throws Error in words for whoever starts the process */
export async function clusterIdOf(postgres: Postgres): Promise<string> {
  await postgres.migrate("cluster", CLUSTER_MIGRATIONS);
  const row = await postgres.sql<ClusterTables>().selectFrom("cluster").select("id").executeTakeFirst();
  if (!row)
    throw new Error("PostgreSQL (POSTGRES_URL): its table cluster is empty. Restore it from a backup.");
  return row.id;
}
