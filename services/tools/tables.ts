// The tables of the tools service: policy rules, and calls that wait for a machine.
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import { OPEN_CALL_MIGRATIONS, type OpenCallTables } from "./direct/open-calls.ts";
import { QUESTION_MIGRATIONS, type QuestionTables } from "./direct/question-rows.ts";
import { MEMORY_MIGRATIONS, type MemoryRow } from "./memory/tables.ts";
import { QUEUE_MIGRATIONS, type QueueTables } from "./queue/queued-calls.ts";
import { SERVER_MIGRATIONS, type ServerCallRow } from "./server/tables.ts";

export type ToolsTables = QueueTables &
  OpenCallTables &
  QuestionTables & {
    policy_rules: {
      user_id: string;
      position: number;
      /** Canonical JSON. */
      rule: string;
      /** The arguments behind the rule's `args_hash` as they may be shown; null when it has none, or they are too long. */
      shown_args: string | null;
      /** Of a rule that an answer made: when, and the call that was asked about. */
      remembered_at: string | null;
      remembered_from: string | null;
    };
    server_calls: ServerCallRow;
    memories: MemoryRow;
  };

/** The tables of the tools service. */
export const MIGRATIONS: Record<string, Migration> = {
  "2026-11-24-policy-rules": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("policy_rules")
        .addColumn("user_id", "text", (column) => column.notNull())
        .addColumn("position", "integer", (column) => column.notNull())
        .addColumn("rule", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("policy_rules_key", ["user_id", "position"])
        .execute();
    },
  },
  "2026-11-28-shown-arguments": {
    async up(db: Kysely<unknown>) {
      await db.schema.alterTable("policy_rules").addColumn("shown_args", "text").execute();
    },
  },
  "2026-12-01-remembered-rules": {
    async up(db: Kysely<unknown>) {
      for (const column of ["remembered_at", "remembered_from"])
        await db.schema.alterTable("policy_rules").addColumn(column, "text").execute();
    },
  },
  ...QUEUE_MIGRATIONS,
  ...OPEN_CALL_MIGRATIONS,
  ...QUESTION_MIGRATIONS,
  ...SERVER_MIGRATIONS,
  ...MEMORY_MIGRATIONS,
};
