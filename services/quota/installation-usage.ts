// What all users together have used, for admins: day by day, by model, and by those who have used most. Sums of the ledger, of the days that
// are asked for and no others; each is one statement, and answers a bounded number of rows.
import { expressionBuilder, type Kysely } from "kysely";
import type { z } from "zod";
import type { UserId } from "../../contracts/ids.ts";
import type { InstallationUsage, installationUsageParams } from "../../contracts/quota.ts";
import type { FoundUser } from "../../contracts/users.ts";
import type { Rooms } from "./rooms.ts";
import { dayOf } from "./store/user-day.ts";
import type { QuotaTables, UsageDayRow } from "./tables.ts";

const DAY_MS = 86_400_000;
/** Models that are named; those that cost most. */
const MOST_MODELS = 50;

type Amounts = Pick<UsageDayRow, "requests" | "input_tokens" | "output_tokens" | "cost_micro">;

/**
 * @param find the accounts among these, to name them: one that is being removed has rows here a little longer than it has a name
 * @returns nothing of runs that have not ended, but for how many there are
 */
export async function installationUsage(
  rooms: Pick<Rooms, "db" | "report" | "now">,
  { days, limit }: z.output<typeof installationUsageParams>,
  find: (ids: UserId[]) => Promise<FoundUser[]>,
): Promise<InstallationUsage> {
  const now = rooms.now();
  const since = dayOf(now - (days - 1) * DAY_MS);
  const [daily, users, models, underWay] = await rooms.report((db) =>
    Promise.all([sumsOfDays(db, since), mostOfUsers(db, since, limit), sumsOfModels(db, since), holds(db)]),
  );
  const found = new Map(
    (await find(users.map(({ user_id }) => user_id as UserId))).map((one) => [one.id, one]),
  );
  return {
    since,
    until: dayOf(now),
    total: { ...shown(daily.reduce(added, NOTHING)), users: users[0]?.all ?? 0 },
    under_way: underWay,
    daily: daily.map(({ day, ...amounts }) => ({ date: day, ...shown(amounts) })),
    users: users.map(({ user_id, all: _all, ...amounts }) => {
      const { email = null, display_name = null, plan = null } = found.get(user_id) ?? {};
      return { id: user_id, email, display_name, plan, ...shown(amounts) };
    }),
    models: models.map(({ model, ...amounts }) => ({ model, ...shown(amounts) })),
  };
}

/** Of the runs that count in these days. The index by day has all that is summed, so that no row of the table is looked up. */
const runsSince = (db: Kysely<QuotaTables>, since: string) =>
  db.selectFrom("ledger").where("day", ">=", since);

function sumsOfDays(db: Kysely<QuotaTables>, since: string): Promise<(Amounts & { day: string })[]> {
  return runsSince(db, since)
    .select(["day", ...sums()])
    .groupBy("day")
    .orderBy("day")
    .execute();
}

function sumsOfModels(db: Kysely<QuotaTables>, since: string): Promise<(Amounts & { model: string })[]> {
  return runsSince(db, since)
    .select(["model", ...sums()])
    .groupBy("model")
    .orderBy("cost_micro", "desc")
    .orderBy("requests", "desc")
    .orderBy("model")
    .limit(MOST_MODELS)
    .execute();
}

/**
 * By cost; of models without a price by tokens, then by runs. First by day, which is the order of the index: SQLite would read the whole
 * table for the order of its users. `all`: how many users there are in these days.
 */
function mostOfUsers(
  db: Kysely<QuotaTables>,
  since: string,
  limit: number,
): Promise<(Amounts & { user_id: string; all: number })[]> {
  return db
    .selectFrom(
      runsSince(db, since)
        .select(["user_id", ...sums()])
        .groupBy(["day", "user_id"])
        .as("days"),
    )
    .select(({ fn }) => [
      "user_id",
      fn.sum<number>("requests").as("requests"),
      fn.sum<number>("input_tokens").as("input_tokens"),
      fn.sum<number>("output_tokens").as("output_tokens"),
      fn.sum<number>("cost_micro").as("cost_micro"),
      fn.countAll<number>().over().as("all"),
    ])
    .groupBy("user_id")
    .orderBy(({ fn }) => fn.sum("cost_micro"), "desc")
    .orderBy(({ fn, eb }) => eb(fn.sum("input_tokens"), "+", fn.sum("output_tokens")), "desc")
    .orderBy(({ fn }) => fn.sum("requests"), "desc")
    .orderBy("user_id")
    .limit(limit)
    .execute();
}

function sums() {
  const { fn } = expressionBuilder<QuotaTables, "ledger">();
  return [
    fn.countAll<number>().as("requests"),
    fn.sum<number>("input_tokens").as("input_tokens"),
    fn.sum<number>("output_tokens").as("output_tokens"),
    fn.sum<number>("cost_micro").as("cost_micro"),
  ] as const;
}

async function holds(db: Kysely<QuotaTables>): Promise<number> {
  const row = await db
    .selectFrom("holds")
    .select(({ fn }) => fn.countAll<number>().as("runs"))
    .executeTakeFirstOrThrow();
  return row.runs;
}

const NOTHING: Amounts = { requests: 0, input_tokens: 0, output_tokens: 0, cost_micro: 0 };

const added = (one: Amounts, other: Amounts): Amounts => ({
  requests: one.requests + other.requests,
  input_tokens: one.input_tokens + other.input_tokens,
  output_tokens: one.output_tokens + other.output_tokens,
  cost_micro: one.cost_micro + other.cost_micro,
});

function shown({ cost_micro, ...rest }: Amounts) {
  return { ...rest, cost_usd: cost_micro / 1_000_000 };
}
