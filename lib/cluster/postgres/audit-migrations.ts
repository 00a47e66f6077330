// The audit trail's table on PostgreSQL: the embedded one's columns.
import type { Kysely } from "kysely";
import type { AuditRow } from "../../ports/audit.ts";
import type { Migrations } from "../../ports/ports.ts";

export type AuditTables = { audit: AuditRow };

const TEXTS = ["at", "subject", "entry", "user_id", "details", "hash", "seal"] as const;

export const AUDIT_MIGRATIONS: Migrations = {
  "2026-11-29-audit": {
    async up(db: Kysely<unknown>) {
      let table = db.schema
        .createTable("audit")
        .addColumn("writer", "text", (column) => column.notNull())
        .addColumn("seq", "bigint", (column) => column.notNull())
        .addPrimaryKeyConstraint("audit_key", ["writer", "seq"]);
      for (const name of TEXTS)
        table = table.addColumn(name, "text", (column) => column.notNull()) as typeof table;
      await table.execute();
      await db.schema.createIndex("audit_entry").unique().on("audit").columns(["subject", "entry"]).execute();
    },
  },
};
