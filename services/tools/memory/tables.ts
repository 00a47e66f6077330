// The table of what is remembered about users.
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

export type MemoryRow = {
  id: string;
  user_id: string;
  type: string;
  content: string;
  created_at: string;
  updated_at: string;
  /** The run that has written it last; null where the user did. */
  run_id: string | null;
};

export const MEMORY_MIGRATIONS: Record<string, Migration> = {
  "2026-11-30-memories": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("memories")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("user_id", "text", (column) => column.notNull())
        .addColumn("type", "text", (column) => column.notNull())
        .addColumn("content", "text", (column) => column.notNull())
        .addColumn("created_at", "text", (column) => column.notNull())
        .addColumn("updated_at", "text", (column) => column.notNull())
        .addColumn("run_id", "text")
        .execute();
      await db.schema.createIndex("memories_of_user").on("memories").columns(["user_id", "id"]).execute();
    },
  },
};
