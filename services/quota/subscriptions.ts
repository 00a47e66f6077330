// Which plan a user has. Every chat asks, so the answers are remembered for a short time.
import type { Kysely } from "kysely";
import { LRUCache } from "lru-cache";
import type { Caller } from "../../contracts/access.ts";
import type { UserId } from "../../contracts/ids.ts";
import type { PlanLimits, Subscription } from "../../contracts/quota.ts";
import { AppError } from "../../lib/errors.ts";
import { FREE, limitsOf } from "./plans.ts";
import type { QuotaTables, SubscriptionRow } from "./tables.ts";

/** The longest that a change by another process goes unnoticed. */
const REMEMBERED_MS = 30_000;
const DEFAULT_PLAN = "free";

export class Subscriptions {
  readonly #db: Kysely<QuotaTables>;
  readonly #now: () => number;
  readonly #rows = new LRUCache<string, { row: SubscriptionRow | undefined }>({
    max: 10_000,
    ttl: REMEMBERED_MS,
  });
  readonly #plans = new LRUCache<string, PlanLimits>({ max: 1_000, ttl: REMEMBERED_MS });

  /** @param now epoch milliseconds */
  constructor(db: Kysely<QuotaTables>, now: () => number) {
    this.#db = db;
    this.#now = now;
  }

  async limits(caller: Caller): Promise<PlanLimits> {
    const { row } = this.#rows.get(caller.user_id) ?? (await this.#remember(caller.user_id));
    const plan = planOf(row, caller);
    const known = this.#plans.get(plan);
    if (known) return known;
    const limits = await this.#limitsOf(plan);
    this.#plans.set(plan, limits);
    return limits;
  }

  /** The user's subscription; one without any is on the free plan, an admin on that of the account. */
  async of(caller: Caller): Promise<Subscription> {
    const row = await this.#read(caller.user_id);
    const plan = planOf(row, caller);
    return {
      plan,
      status: row?.status ?? "active",
      started_at: row?.started_at ?? new Date(this.#now()).toISOString(),
      expires_at: row?.expires_at ?? null,
      limits: await this.#limitsOf(plan),
    };
  }

  #read(user: UserId): Promise<SubscriptionRow | undefined> {
    return this.#db.selectFrom("subscriptions").selectAll().where("user_id", "=", user).executeTakeFirst();
  }

  async #remember(user: UserId): Promise<{ row: SubscriptionRow | undefined }> {
    const found = { row: await this.#read(user) };
    this.#rows.set(user, found);
    return found;
  }

  /** A plan that an operator has removed leaves its users with the free one's limits, never without any. */
  async #limitsOf(plan: string): Promise<PlanLimits> {
    const row = await this.#db
      .selectFrom("plans")
      .select("limits")
      .where("name", "=", plan)
      .executeTakeFirst();
    if (row) return limitsOf(row.limits);
    return plan === DEFAULT_PLAN ? FREE : this.#limitsOf(DEFAULT_PLAN);
  }

  /** Makes or changes the subscription; the same plan again changes nothing. @throws plan_not_found */
  async subscribe(user: UserId, plan: string): Promise<void> {
    const known = await this.#db
      .selectFrom("plans")
      .select("name")
      .where("name", "=", plan)
      .executeTakeFirst();
    if (!known)
      throw new AppError(
        "plan_not_found",
        `There is no plan "${plan}". GET /api/v1/plans lists those there are.`,
        {
          errors: [{ path: "plan", message: "is not a plan" }],
        },
      );
    const started_at = new Date(this.#now()).toISOString();
    await this.#db
      .insertInto("subscriptions")
      .values({ user_id: user, plan, status: "active", started_at, expires_at: null })
      .onConflict((conflict) =>
        conflict
          .column("user_id")
          .doUpdateSet({ plan, status: "active", started_at, expires_at: null })
          .where("subscriptions.plan", "!=", plan),
      )
      .execute();
    this.#rows.delete(user);
  }

  async remove(user: UserId): Promise<void> {
    await this.#db.deleteFrom("subscriptions").where("user_id", "=", user).execute();
    this.#rows.delete(user);
  }
}

function planOf(row: SubscriptionRow | undefined, caller: Caller): string {
  if (row) return row.plan;
  return caller.role === "admin" && caller.plan !== "" ? caller.plan : DEFAULT_PLAN;
}
