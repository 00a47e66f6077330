// Which plan a user has, and which limits of its own instead of the plan's. Every chat asks, so the answers are remembered for a short time.
import { type Kysely, sql } from "kysely";
import { LRUCache } from "lru-cache";
import type { Caller } from "../../contracts/access.ts";
import type { UserId } from "../../contracts/ids.ts";
import type { LimitOverrides } from "../../contracts/limit-overrides.ts";
import type { PlanLimits, Subscription } from "../../contracts/quota.ts";
import { ownsHost } from "../../lib/broker/authorization.ts";
import { AppError } from "../../lib/errors.ts";
import { prepared } from "../../lib/sql.ts";
import { FREE, limitsOf, withConfigured } from "./plans.ts";
import type { QuotaTables, SubscriptionRow } from "./tables.ts";

/** The longest that a change by another process goes unnoticed when the signal of it is lost: a limit is a permission. */
const REMEMBERED_MS = 5_000;
const REMEMBERED_USERS = 10_000;
const REMEMBERED_PLANS = 1_000;
const DEFAULT_PLAN = "free";
/** Plans that a refusal names. */
const NAMED = 20;

/** Limits by plan that hold instead of the plans' own. */
type PlanSettings = { readonly now: { plan_limits: Record<string, LimitOverrides> } };
const NO_SETTINGS: PlanSettings = { now: { plan_limits: {} } };

const subscriptionsOf = prepared(["user"], (db: Kysely<QuotaTables>, { user }: { user: string }) =>
  db.selectFrom("subscriptions").selectAll().where("user_id", "=", user),
);

/** The subscriptions of all users, with the plans they are to. */
export class Subscriptions {
  readonly #db: Kysely<QuotaTables>;
  readonly #now: () => number;
  readonly #settings: PlanSettings;
  readonly #rows: LRUCache<string, { row: SubscriptionRow | undefined }>;
  #changes = 0;
  readonly #plans: LRUCache<string, PlanLimits>;

  /**
   * @param now epoch milliseconds
   * @param settings read anew each time: they may change while the process runs
   * @param monotonic milliseconds that what is remembered ages by
   */
  constructor(
    db: Kysely<QuotaTables>,
    now: () => number,
    settings: PlanSettings = NO_SETTINGS,
    monotonic = () => performance.now(),
  ) {
    const ages = { ttl: REMEMBERED_MS, ttlResolution: 0, perf: { now: monotonic } };
    this.#rows = new LRUCache({ max: REMEMBERED_USERS, ...ages });
    this.#plans = new LRUCache({ max: REMEMBERED_PLANS, ...ages });
    this.#db = db;
    this.#now = now;
    this.#settings = settings;
  }

  /** Reads all plans, so that the first runs do not wait for them. */
  async warmUp(): Promise<void> {
    const rows = await this.#db.selectFrom("plans").select(["name", "limits"]).execute();
    for (const { name, limits } of rows) this.#plans.set(name, limitsOf(limits));
  }

  /** Somebody has changed it: what is being read now is not kept either. */
  forget(user: UserId): void {
    this.#rows.delete(user);
    this.#changes += 1;
  }

  /** What holds for the user: the plan's limits, with its own instead where it has some. */
  async limits(caller: Caller): Promise<PlanLimits> {
    const { row } = this.#rows.get(caller.user_id) ?? (await this.#remember(caller.user_id));
    const plan = planOf(row, caller);
    const limits = this.#plans.get(plan) ?? (await this.#rememberPlan(plan));
    return withOwn(withConfigured(limits, plan, this.#settings.now.plan_limits), row);
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
      limits: withOwn(withConfigured(await this.#limitsOf(plan), plan, this.#settings.now.plan_limits), row),
      ...(row?.overrides ? { limit_overrides: overridesOf(row) } : {}),
    };
  }

  async #read(user: UserId): Promise<SubscriptionRow | undefined> {
    const [row] = await subscriptionsOf(this.#db, { user });
    return row;
  }

  async #rememberPlan(plan: string): Promise<PlanLimits> {
    const limits = await this.#limitsOf(plan);
    this.#plans.set(plan, limits);
    return limits;
  }

  async #remember(user: UserId): Promise<{ row: SubscriptionRow | undefined }> {
    const changes = this.#changes;
    const found = { row: await this.#read(user) };
    if (changes === this.#changes) this.#rows.set(user, found);
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

  /** @throws plan_not_found */
  async requirePlan(plan: string): Promise<void> {
    const plans = await this.#db.selectFrom("plans").select("name").execute();
    if (plans.some(({ name }) => name === plan)) return;
    const names = plans.slice(0, NAMED).map(({ name }) => name);
    throw new AppError("plan_not_found", `There is no plan "${plan}". There are: ${names.join(", ")}.`, {
      errors: [{ path: "plan", message: "is not a plan" }],
    });
  }

  /** Makes or changes the subscription; the same again changes nothing, and the same plan leaves its start. @throws plan_not_found */
  async subscribe(user: UserId, plan: string, own: LimitOverrides | null): Promise<void> {
    await this.requirePlan(plan);
    const started_at = new Date(this.#now()).toISOString();
    const overrides = own === null ? null : JSON.stringify(own);
    await this.#db
      .insertInto("subscriptions")
      .values({ user_id: user, plan, status: "active", started_at, expires_at: null, overrides })
      .onConflict((conflict) =>
        conflict.column("user_id").doUpdateSet({
          plan,
          status: "active",
          started_at: sql<string>`case when subscriptions.plan = excluded.plan then subscriptions.started_at else excluded.started_at end`,
          expires_at: null,
          overrides,
        }),
      )
      .execute();
    this.forget(user);
  }

  /** Ends the subscription. Safe to repeat. */
  async remove(user: UserId): Promise<void> {
    await this.#db.deleteFrom("subscriptions").where("user_id", "=", user).execute();
    this.forget(user);
  }
}

function planOf(row: SubscriptionRow | undefined, caller: Caller): string {
  if (row) return row.plan;
  return ownsHost(caller) && caller.plan !== "" ? caller.plan : DEFAULT_PLAN;
}

function overridesOf({ overrides }: SubscriptionRow): LimitOverrides {
  return overrides === null ? {} : (JSON.parse(overrides) as LimitOverrides);
}

function withOwn(limits: PlanLimits, row: SubscriptionRow | undefined): PlanLimits {
  return row?.overrides ? { ...limits, ...overridesOf(row) } : limits;
}
