// Which plan a user has. Every chat asks, so the answers are remembered for a short time.
import type { Kysely } from "kysely";
import { LRUCache } from "lru-cache";
import type { Caller } from "../../contracts/access.ts";
import type { UserId } from "../../contracts/ids.ts";
import type { PlanLimits, Subscription } from "../../contracts/quota.ts";
import { AppError } from "../../lib/errors.ts";
import { limitsOf, UNLIMITED } from "./plans.ts";
import type { QuotaTables } from "./tables.ts";

/** The longest that a change by another process goes unnoticed. */
const REMEMBERED_MS = 30_000;
const DEFAULT_PLAN = "free";

export class Subscriptions {
  readonly #db: Kysely<QuotaTables>;
  readonly #limits = new LRUCache<string, PlanLimits>({ max: 10_000, ttl: REMEMBERED_MS });

  constructor(db: Kysely<QuotaTables>) {
    this.#db = db;
  }

  async limits(caller: Caller): Promise<PlanLimits> {
    const known = this.#limits.get(caller.user_id);
    if (known) return known;
    const { limits } = await this.of(caller);
    this.#limits.set(caller.user_id, limits);
    return limits;
  }

  /** The user's subscription; one without any has the plan of the account, or the free one. */
  async of(caller: Caller): Promise<Subscription> {
    const row = await this.#db
      .selectFrom("subscriptions")
      .selectAll()
      .where("user_id", "=", caller.user_id)
      .executeTakeFirst();
    const name = row?.plan ?? (caller.plan || DEFAULT_PLAN);
    const plan = await this.#db
      .selectFrom("plans")
      .select("limits")
      .where("name", "=", name)
      .executeTakeFirst();
    return {
      plan: name,
      status: row?.status ?? "active",
      started_at: row?.started_at ?? new Date().toISOString(),
      expires_at: row?.expires_at ?? null,
      limits: plan ? limitsOf(plan.limits) : UNLIMITED,
    };
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
    const started_at = new Date().toISOString();
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
    this.#limits.delete(user);
  }

  async remove(user: UserId): Promise<void> {
    await this.#db.deleteFrom("subscriptions").where("user_id", "=", user).execute();
    this.#limits.delete(user);
  }
}
