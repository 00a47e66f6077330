// Quota: plans, subscriptions, what users have used, and the holds that runs live on. The SQL rows are the truth.
import { LRUCache } from "lru-cache";
import type { ServiceSchema } from "moleculer";
import * as contract from "../contracts/quota.ts";
import { SUBSCRIPTION_CHANGED, type SubscriptionChanged } from "../contracts/signals.ts";
import { action, callAs, SYSTEM } from "../lib/broker/action.ts";
import { defineService } from "../lib/broker/define-service.ts";
import type { With } from "../lib/broker/mixin.ts";
import { KeyedTurns } from "../lib/keyed-turns.ts";
import { logOf } from "../lib/log.ts";
import { settingsOf } from "../lib/settings/live-settings.ts";
import { cache } from "../mixins/cache.ts";
import { signals } from "../mixins/signals.ts";
import { sql } from "../mixins/sql.ts";
import { userData } from "../mixins/user-data.ts";
import { LedgerMonths } from "./quota/ledger-months.ts";
import { listPlans, seedPlans } from "./quota/plans.ts";
import type { Rooms } from "./quota/rooms.ts";
import { cancelHold } from "./quota/store/cancel-hold.ts";
import { extend } from "./quota/store/extend.ts";
import { removeUser } from "./quota/store/remove-user.ts";
import { reserve } from "./quota/store/reserve.ts";
import { settle } from "./quota/store/settle.ts";
import { oldHolds } from "./quota/store/user-day.ts";
import { Subscriptions } from "./quota/subscriptions.ts";
import { MIGRATIONS, type QuotaTables } from "./quota/tables.ts";
import { usageReport } from "./quota/usage-report.ts";

const MIXINS = [sql<QuotaTables>(MIGRATIONS), cache, signals] as const;
type QuotaService = With<typeof MIXINS> & { rooms: Rooms; months: LedgerMonths };

const ACCOUNT = { kind: "user", scope: "account" } as const;
const INTERNAL = { kind: "internal" } as const;

/** Runs of this process whose rates can be given back without their holds. */
const REMEMBERED_RUNS = 10_000;

/** @param now epoch milliseconds; the machine's clock unless given */
export function quotaService({ now = Date.now }: { now?: () => number } = {}): ServiceSchema {
  return defineService<"quota", QuotaService>({
    name: "quota",
    mixins: [
      ...MIXINS,
      userData<QuotaService>({
        remove(user) {
          return removeUser(this.rooms, user);
        },
      }),
    ],
    actions: {
      plans: action({
        access: { kind: "public" },
        input: contract.emptyParams,
        async handler(this: QuotaService) {
          return { plans: await listPlans(this.rooms.db, settingsOf(this.broker).now.plan_limits) };
        },
      }),
      usage: action({
        access: ACCOUNT,
        input: contract.usageParams,
        async handler(this: QuotaService, { days }, caller) {
          const limits = await this.rooms.subscriptions.limits(caller);
          return usageReport(this.rooms, caller.user_id, limits, days);
        },
      }),
      adminUsage: action({
        access: { kind: "user", scope: "admin", admin: true },
        input: contract.installationUsageParams,
        async handler(this: QuotaService, params) {
          const { installationUsage } = await import("./quota/installation-usage.ts");
          return installationUsage(
            this.rooms,
            params,
            async (ids) => (await callAs(this.broker, "quota", SYSTEM, "users.find", { ids })).users,
          );
        },
      }),
      subscription: action({
        access: ACCOUNT,
        input: contract.emptyParams,
        handler(this: QuotaService, _params, caller) {
          return this.rooms.subscriptions.of(caller);
        },
      }),
      limits: action({
        access: { kind: "user" },
        input: contract.emptyParams,
        handler(this: QuotaService, _params, caller) {
          return this.rooms.subscriptions.limits(caller);
        },
      }),
      subscribe: action({
        access: INTERNAL,
        input: contract.subscribeParams,
        async handler(this: QuotaService, { user_id, plan, limits }) {
          await this.rooms.subscriptions.subscribe(user_id, plan, limits);
          this.ports.signals.publish(SUBSCRIPTION_CHANGED, { user_id } satisfies SubscriptionChanged);
          return null;
        },
      }),
      requirePlan: action({
        access: INTERNAL,
        input: contract.planParams,
        async handler(this: QuotaService, { plan }) {
          await this.rooms.subscriptions.requirePlan(plan);
          return null;
        },
      }),
      reserve: action({
        access: INTERNAL,
        input: contract.reserveParams,
        handler(this: QuotaService, wanted, caller) {
          return reserve(this.rooms, caller, wanted);
        },
      }),
      extend: action({
        access: INTERNAL,
        input: contract.extendParams,
        handler(this: QuotaService, wanted, caller) {
          return extend(this.rooms, caller, wanted);
        },
      }),
      settle: action({
        access: INTERNAL,
        input: contract.settleParams,
        async handler(this: QuotaService, charge) {
          await settle(this.rooms, charge);
          return null;
        },
      }),
      cancelHold: action({
        access: INTERNAL,
        input: contract.cancelHoldParams,
        async handler(this: QuotaService, { user_id, run_id }) {
          await cancelHold(this.rooms, user_id, run_id);
          return null;
        },
      }),
      holds: action({
        access: INTERNAL,
        input: contract.holdsParams,
        handler(this: QuotaService, { older_than_ms }) {
          return oldHolds(this.rooms.db, older_than_ms);
        },
      }),
    },
    created() {
      this.rooms = {
        db: this.sql,
        report: this.report,
        counters: this.ports.counters,
        subscriptions: new Subscriptions(this.sql, now, settingsOf(this.broker)),
        admitted: new LRUCache({ max: REMEMBERED_RUNS }),
        turns: new KeyedTurns(),
        now,
      };
      this.months = new LedgerMonths(this.rooms, logOf(this.broker, "quota"));
    },
    async started() {
      const { db, subscriptions } = this.rooms;
      this.ports.signals.subscribe(SUBSCRIPTION_CHANGED, (data) =>
        subscriptions.forget((data as SubscriptionChanged).user_id),
      );
      await seedPlans(db);
      await this.months.start();
      await subscriptions.warmUp();
    },
    async stopped() {
      this.months.stop();
    },
  });
}
