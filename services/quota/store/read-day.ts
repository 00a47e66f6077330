// What counts against a user's limits on a day, of one moment.
import type { Kysely } from "kysely";
import type { UserId } from "../../../contracts/ids.ts";
import { prepared } from "../../../lib/sql.ts";
import { NOTHING_TAKEN, type Taken } from "../budget.ts";
import type { HoldRow, QuotaTables, UsageDayRow } from "../tables.ts";
import { holdsOf } from "./hold-rows.ts";

const dayOfUser = prepared(
  ["user", "day"],
  (db: Kysely<QuotaTables>, { user, day }: { user: string; day: string }) =>
    db.selectFrom("usage_days").selectAll().where("user_id", "=", user).where("day", "=", day),
);

/** In a transaction that has called `lockUser`, so that both are of one moment and stay as they are until it ends. */
export async function readDay(
  db: Kysely<QuotaTables>,
  user: UserId,
  day: string,
): Promise<{ used: Taken; holds: HoldRow[] }> {
  const holds = await holdsOf(db, { user });
  const [row] = await dayOfUser(db, { user, day });
  return { used: takenOf(row), holds };
}

function takenOf(row: UsageDayRow | undefined): Taken {
  if (!row) return NOTHING_TAKEN;
  return {
    requests: row.requests,
    tokens: row.input_tokens + row.output_tokens,
    cost_micro: row.cost_micro,
  };
}
