// A broker with the quota service, real stores and one clock that the tests set, for the service and its rate windows.
import type { Kysely } from "kysely";
import type { Caller } from "../../../../contracts/access.ts";
import type { RunId, SessionId } from "../../../../contracts/ids.ts";
import type { PlanLimits, Reservation } from "../../../../contracts/quota.ts";
import { newId } from "../../../../lib/ids.ts";
import type { Ports } from "../../../../lib/ports/ports.ts";
import type { QuotaTables } from "../../../../services/quota/tables.ts";
import { quotaService } from "../../../../services/quota.service.ts";
import { aUser, startTestBroker, type TestBroker } from "../../../support/test-broker.ts";

/** A noon far from the edges of any window. */
export const NOON = Date.parse("2026-03-10T12:00:30.000Z");
export const MIDNIGHT = Date.parse("2026-03-11T00:00:00.000Z");

type Charge = {
  run_id: RunId;
  epoch?: number;
  input?: number;
  output?: number;
  cost?: number;
  day?: string;
  estimated?: boolean;
};

export type QuotaBroker = TestBroker & {
  ports: Ports;
  database: Kysely<QuotaTables>;
  clock: { now: number };
  /** A user of a plan of their own that has these limits and no others. */
  userWith(limits: Partial<PlanLimits>): Promise<Caller>;
  reserve(
    user: Caller,
    amounts?: { run_id?: RunId; tokens?: number; cost_micro?: number; waiting?: number },
  ): Promise<Held>;
  settle(user: Caller, charge: Charge): Promise<null>;
};
export type Held = Reservation & { run_id: RunId };

export const newRun = (): RunId => newId<RunId>("run");
const asAgent = (user: Caller): Caller => ({ ...user, service: "agent" });

export async function startQuota(): Promise<QuotaBroker> {
  const clock = { now: NOON };
  const now = () => clock.now;
  const test = await startTestBroker([quotaService({ now })], { clock: now });
  const { ports } = test.broker.core;
  const database = ports.sql<QuotaTables>();
  const as: TestBroker["as"] = (caller, name, params) => test.as(asAgent(caller), name, params);
  return {
    ...test,
    ports,
    database,
    clock,
    async userWith(limits) {
      const user = aUser();
      const plan = `plan-of-${user.user_id}`;
      const texts = { display_name: plan, limits: JSON.stringify(limits), features: "[]" };
      const row = { name: plan, position: 9, price_monthly: null, price_yearly: null, ...texts };
      await database.insertInto("plans").values(row).execute();
      await as(user, "quota.subscribe", { user_id: user.user_id, plan, limits: null });
      return user;
    },
    async reserve(user, { run_id = newRun(), tokens = 100, cost_micro = 10, waiting = 0 } = {}) {
      return { ...(await as(user, "quota.reserve", { run_id, tokens, cost_micro, waiting })), run_id };
    },
    settle: (user, { run_id, epoch = 1, input = 0, output = 0, cost = 0, day, estimated = false }) =>
      as(user, "quota.settle", {
        ...{ user_id: user.user_id, run_id, session_id: "ses_one" as SessionId, epoch, model: "demo/demo" },
        ...{ input_tokens: input, output_tokens: output, cost_micro: cost, estimated },
        day: day ?? new Date(clock.now).toISOString().slice(0, 10),
      }),
  };
}

/** What G7 asks of the tables: each day's counters are the sum of its ledger. */
export async function expectLedgerEqualsCounters({ database }: QuotaBroker): Promise<void> {
  const sums = new Map<string, number[]>();
  for (const row of await database.selectFrom("ledger").selectAll().execute()) {
    const before = sums.get(`${row.user_id} ${row.day}`) ?? [0, 0, 0, 0];
    const added = [1, row.input_tokens, row.output_tokens, row.cost_micro];
    sums.set(
      `${row.user_id} ${row.day}`,
      before.map((sum, index) => sum + (added[index] ?? 0)),
    );
  }
  const days = await database.selectFrom("usage_days").selectAll().execute();
  const counted = days.map((row) => [
    `${row.user_id} ${row.day}`,
    [row.requests, row.input_tokens, row.output_tokens, row.cost_micro],
  ]);
  const wrong = JSON.stringify(counted.toSorted()) !== JSON.stringify([...sums].toSorted());
  if (wrong)
    throw new Error(`ledger ${JSON.stringify([...sums])} is not counters ${JSON.stringify(counted)}`);
}

/** The refusal of a promise: its type and what it says; undefined when it is not refused. */
export async function refusal(promise: Promise<unknown>): Promise<Refusal | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error: unknown) {
    return error as Refusal;
  }
}
export type Refusal = {
  type: string;
  message: string;
  code: number;
  data: { retryAfterMs?: number; rate_limit?: Record<string, number | null> };
};
