// The table of waiting work on PostgreSQL: the embedded one's columns, and the lease of whoever works on it.
import { type Kysely, sql } from "kysely";
import type { Migrations } from "../../ports/ports.ts";

export type WorkTables = {
  work: {
    id: string;
    queue: string;
    key: string | null;
    /** JSON. */
    payload: string;
    priority: number;
    attempt: number;
    /** How often the same key was added since it waits. */
    added: number;
    /** Milliseconds: when it is due, or when the lease on it ends; null for dead letters. */
    run_at: number | null;
    expires_at: number | null;
    lease: string | null;
    reason: string | null;
    error: string | null;
  };
};

export const WORK_MIGRATIONS: Migrations = {
  "2026-11-29-work": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("work")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("queue", "text", (column) => column.notNull())
        .addColumn("key", "text")
        .addColumn("payload", "text", (column) => column.notNull())
        .addColumn("priority", "integer", (column) => column.notNull())
        .addColumn("attempt", "integer", (column) => column.notNull())
        .addColumn("added", "integer", (column) => column.notNull())
        .addColumn("run_at", "bigint")
        .addColumn("expires_at", "bigint")
        .addColumn("lease", "text")
        .addColumn("reason", "text")
        .addColumn("error", "text")
        .execute();
      // In the order in which it is taken; when the next one is due; what may expire; the dead letters.
      await sql`create index work_order on work (queue, priority desc, run_at, id) where run_at is not null`.execute(
        db,
      );
      await sql`create index work_due on work (queue, run_at) where run_at is not null`.execute(db);
      await sql`create index work_expiry on work (queue, expires_at) where expires_at is not null and run_at is not null`.execute(
        db,
      );
      await sql`create index work_dead on work (id) where run_at is null`.execute(db);
      await sql`create unique index work_key on work (queue, key) where key is not null and run_at is not null`.execute(
        db,
      );
    },
  },
};
