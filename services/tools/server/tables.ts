// The tables of what the server runs itself.
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * A call of a server tool: seen by whichever process got it first. `fenced`: it has not run, and owners before `fenced_before` cannot
 * run it any more.
 */
export type ServerCallRow = {
  call_id: string;
  user_id: string;
  state: "fenced" | "running" | "ended";
  /** From 1; 0 of one that was only fenced. */
  attempt: number;
  fenced_before: number;
  /** The start of a process that runs it, or ran it. */
  owner: string;
  /** By the store's clock: when its owner was last heard of. */
  seen_at: string;
  /** JSON of its CallOutcome; null until it has ended. */
  outcome: string | null;
  /** JSON of its CallUsage as far as it is known; null for none. */
  usage: string | null;
};

export const SERVER_MIGRATIONS: Record<string, Migration> = {
  "2026-11-30-server-calls": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("server_calls")
        .addColumn("call_id", "text", (column) => column.primaryKey())
        .addColumn("user_id", "text", (column) => column.notNull())
        .addColumn("state", "text", (column) => column.notNull())
        .addColumn("attempt", "integer", (column) => column.notNull())
        .addColumn("fenced_before", "integer", (column) => column.notNull())
        .addColumn("owner", "text", (column) => column.notNull())
        .addColumn("seen_at", "text", (column) => column.notNull())
        .addColumn("outcome", "text")
        .addColumn("usage", "text")
        .execute();
      const indexes = { server_calls_of_owner: ["owner", "state"], server_calls_by_age: ["seen_at"] };
      for (const [name, columns] of Object.entries(indexes))
        await db.schema.createIndex(name).on("server_calls").columns(columns).execute();
    },
  },
};
