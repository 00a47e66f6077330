// The quota service's tables. Money is in integer micro-dollars, tokens are counted one by one, days are UTC.
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import { type ByMonth, partitionByMonth } from "../../lib/months.ts";

export type PlanRow = {
  name: string;
  /** Order in lists. */
  position: number;
  display_name: string;
  price_monthly: number | null;
  price_yearly: number | null;
  /** JSON of `PlanLimits`. */
  limits: string;
  /** JSON array. */
  features: string;
};
export type SubscriptionRow = {
  user_id: string;
  plan: string;
  status: "active" | "cancelled";
  started_at: string;
  expires_at: string | null;
  /** JSON of `LimitOverrides`; null for none. */
  overrides: string | null;
};
/** What a user has used on a day: always the sum of that day's ledger. */
export type UsageDayRow = {
  user_id: string;
  day: string;
  requests: number;
  input_tokens: number;
  output_tokens: number;
  cost_micro: number;
};
/** What a run that has not been settled may still use. */
export type HoldRow = {
  run_id: string;
  user_id: string;
  day: string;
  tokens: number;
  cost_micro: number;
  /** By the store's clock: what is compared with it is too. */
  created_at: string;
  /** JSON of `Counted`: what is given back when the run is refused after all; null where nothing is known of it. */
  counted: string | null;
};
export type LedgerRow = {
  run_id: string;
  user_id: string;
  session_id: string;
  day: string;
  epoch: number;
  model: string;
  input_tokens: number;
  output_tokens: number;
  cost_micro: number;
  estimated: number;
  created_at: string;
};

/**
 * The ledger grows for ever: on PostgreSQL it lies in a partition a month. There its key cannot be without the day; that a run has
 * one row all the same is by settle.ts, which looks on every day before it writes, under the lock of the run's user.
 */
export const LEDGER_BY_MONTH: ByMonth = { table: "ledger", day: "day", key: ["user_id", "run_id", "day"] };

/** Whose run it is and which: the key of `holds` and of `ledger`. */
export type RunKey = Pick<HoldRow, "user_id" | "run_id">;

export type QuotaTables = {
  plans: PlanRow;
  subscriptions: SubscriptionRow;
  usage_days: UsageDayRow;
  holds: HoldRow;
  ledger: LedgerRow;
};

export const MIGRATIONS: Record<string, Migration> = {
  "2026-11-24-plans": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("plans")
        .addColumn("name", "text", (column) => column.primaryKey())
        .addColumn("position", "integer", (column) => column.notNull())
        .addColumn("display_name", "text", (column) => column.notNull())
        .addColumn("price_monthly", "double precision")
        .addColumn("price_yearly", "double precision")
        .addColumn("limits", "text", (column) => column.notNull())
        .addColumn("features", "text", (column) => column.notNull())
        .execute();
      await db.schema
        .createTable("subscriptions")
        .addColumn("user_id", "text", (column) => column.primaryKey())
        .addColumn("plan", "text", (column) => column.notNull())
        .addColumn("status", "text", (column) => column.notNull())
        .addColumn("started_at", "text", (column) => column.notNull())
        .addColumn("expires_at", "text")
        .execute();
    },
  },
  "2026-11-24-usage": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("usage_days")
        .addColumn("user_id", "text", (column) => column.notNull())
        .addColumn("day", "text", (column) => column.notNull())
        .addColumn("requests", "integer", (column) => column.notNull())
        .addColumn("input_tokens", "bigint", (column) => column.notNull())
        .addColumn("output_tokens", "bigint", (column) => column.notNull())
        .addColumn("cost_micro", "bigint", (column) => column.notNull())
        .addPrimaryKeyConstraint("usage_days_key", ["user_id", "day"])
        .execute();
      await db.schema
        .createTable("holds")
        .addColumn("user_id", "text", (column) => column.notNull())
        .addColumn("run_id", "text", (column) => column.notNull())
        .addColumn("day", "text", (column) => column.notNull())
        .addColumn("tokens", "bigint", (column) => column.notNull())
        .addColumn("cost_micro", "bigint", (column) => column.notNull())
        .addColumn("created_at", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("holds_key", ["user_id", "run_id"])
        .execute();
    },
  },
  "2026-11-24-ledger": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("ledger")
        .addColumn("user_id", "text", (column) => column.notNull())
        .addColumn("run_id", "text", (column) => column.notNull())
        .addColumn("session_id", "text", (column) => column.notNull())
        .addColumn("day", "text", (column) => column.notNull())
        .addColumn("epoch", "integer", (column) => column.notNull())
        .addColumn("model", "text", (column) => column.notNull())
        .addColumn("input_tokens", "bigint", (column) => column.notNull())
        .addColumn("output_tokens", "bigint", (column) => column.notNull())
        .addColumn("cost_micro", "bigint", (column) => column.notNull())
        .addColumn("estimated", "integer", (column) => column.notNull())
        .addColumn("created_at", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("ledger_key", ["user_id", "run_id"])
        .execute();
    },
  },
  "2026-11-28-overrides": {
    async up(db: Kysely<unknown>) {
      await db.schema.alterTable("subscriptions").addColumn("overrides", "text").execute();
    },
  },
  "2026-11-29-ledger-by-month": {
    async up(db: Kysely<unknown>) {
      await partitionByMonth(db, LEDGER_BY_MONTH, Date.now());
    },
  },
  "2026-11-30-rates-of-holds": {
    async up(db: Kysely<unknown>) {
      // Null in what a process of the version before writes: its rates stay counted until their windows end, or until it cancels itself.
      await db.schema.alterTable("holds").addColumn("counted", "text").execute();
    },
  },
  "2026-12-01-ledger-by-day": {
    async up(db: Kysely<unknown>) {
      // All that is summed over all users, so that the table itself is not read for it.
      await db.schema
        .createIndex("ledger_by_day")
        .on("ledger")
        .columns(["day", "user_id", "model", "input_tokens", "output_tokens", "cost_micro"])
        .execute();
    },
  },
};
