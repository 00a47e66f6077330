// The table of waiting work on PostgreSQL. Whoever takes an item holds a lease on it: `lease` names the holder, and `run_at` is then
// the end of the lease, so that the work of one who died is simply due again. All times are the server's; no two clocks are compared.
import { randomUUID } from "node:crypto";
import { type Kysely, type RawBuilder, sql } from "kysely";
import { isType } from "../../errors.ts";
import type { AddWork, DeadLetter } from "../../ports/work.ts";
import { priorityOf, type Taken, type WorkRows } from "../../work/work-queues.ts";
import { WorkLease } from "./work-lease.ts";
import type { WorkTables } from "./work-migrations.ts";

/** Work with the name of the lease it was taken under. */
export type Leased = Taken & { lease: string };

/** The same within a statement, so that an index can be asked for what is before it. */
const NOW = sql<number>`(extract(epoch from statement_timestamp()) * 1000)::bigint`;
const IS_WAITING = sql<boolean>`run_at is not null`;
/** Expired items that are buried at one look. */
const BURIED_AT_ONCE = 100;
const EXPIRED = "it was not begun in time";

export class PostgresWorkRows implements WorkRows<Leased> {
  readonly #db: Kysely<WorkTables>;
  readonly #leaseMs: number;

  constructor(db: Kysely<WorkTables>, leaseMs: number) {
    this.#db = db;
    this.#leaseMs = leaseMs;
  }

  async insert(id: string, work: AddWork): Promise<void> {
    const { queue, key = null, payload, priority, runAt, expiresAt } = work;
    const text = JSON.stringify(payload ?? null);
    // Moments of our own clock as waits from now, on the server's.
    const dueIn = runAt === undefined ? 0 : Math.max(0, Math.ceil(runAt - Date.now()));
    const lives = expiresAt === undefined ? null : Math.ceil(expiresAt - Date.now());
    await sql`insert into work (id, queue, key, payload, priority, attempt, added, run_at, expires_at)
      values (${id}, ${queue}, ${key}, ${text}, ${priorityOf(priority)}, 1, 1, ${later(dueIn)}, ${later(lives)})
      on conflict (queue, key) where key is not null and ${IS_WAITING} do update set added = work.added + 1`.execute(
      this.#db,
    );
  }

  async remove(queue: string, key: string): Promise<void> {
    await sql`delete from work where queue = ${queue} and key = ${key} and ${IS_WAITING}`.execute(this.#db);
  }

  async take(queue: string, limit: number): Promise<Leased[]> {
    await this.#buryExpired(queue);
    if (limit === 0) return [];
    const lease = randomUUID();
    // Whoever had a lease on it that ended has begun it, and did not end it.
    const taken = sql<Leased & { payload: string }>`with due as materialized (
        select id, run_at from work where queue = ${queue} and run_at <= ${NOW}
        order by priority desc, run_at, id limit ${limit} for update skip locked)
      update work set lease = ${lease}, run_at = ${later(this.#leaseMs)},
        attempt = attempt + (case when lease is null then 0 else 1 end)
      from due where work.id = due.id
      returning work.id, work.queue, work.payload, work.attempt, work.added, work.lease,
        work.priority, due.run_at as due`;
    const { rows } = await taken.execute(this.#db);
    return (rows as (Leased & { payload: string; priority: number; due: number })[])
      .toSorted((a, b) => b.priority - a.priority || a.due - b.due || (a.id < b.id ? -1 : 1))
      .map(({ priority: _priority, due: _due, ...row }) => ({ ...row, payload: JSON.parse(row.payload) }));
  }

  async putBack({ id, lease }: Leased): Promise<void> {
    await this.#change(sql`run_at = ${NOW}, lease = null`, id, lease);
  }

  async nextIn(queue: string): Promise<number | undefined> {
    const next = sql<{ ms: number | null }>`select least(
      (select min(run_at) from work where queue = ${queue} and ${IS_WAITING}),
      (select min(expires_at) from work where queue = ${queue} and ${IS_WAITING} and attempt = 1 and lease is null)
      ) - ${NOW} as ms`;
    const [row] = (await next.execute(this.#db)).rows;
    return row?.ms ?? undefined;
  }

  async finish({ id, lease, added }: Leased): Promise<void> {
    const done = sql`delete from work where id = ${id} and lease = ${lease} and added = ${added}`;
    if (Number((await done.execute(this.#db)).numAffectedRows) > 0) return;
    await this.#change(sql`attempt = 1, run_at = ${NOW}, lease = null, error = null`, id, lease);
  }

  async postpone({ id, lease }: Leased, error: Error, delayMs: number): Promise<void> {
    const to = sql`attempt = attempt + 1, run_at = ${later(delayMs)}, lease = null, error = ${textOf(error)}`;
    await this.#change(to, id, lease);
  }

  async bury({ id, lease, added }: Leased, error: Error, delayMs: number): Promise<void> {
    const dead = sql`update work set run_at = null, lease = null, reason = 'failed', error = ${textOf(error)}
      where id = ${id} and lease = ${lease} and added = ${added}`;
    if (Number((await dead.execute(this.#db)).numAffectedRows) > 0) return;
    await this.#change(sql`attempt = 1, run_at = ${later(delayMs)}, lease = null`, id, lease);
  }

  hold({ id, lease }: Leased): WorkLease {
    const renew = () => this.#change(sql`run_at = ${later(this.#leaseMs)}`, id, lease);
    return new WorkLease(renew, this.#leaseMs);
  }

  async deadLetters(limit: number): Promise<DeadLetter[]> {
    const rows = await this.#db
      .selectFrom("work")
      .select(["id", "queue", "payload", "attempt", "reason", "error"])
      .where("run_at", "is", null)
      .orderBy("id")
      .limit(limit)
      .execute();
    return rows.map((row) => ({
      ...row,
      payload: JSON.parse(row.payload) as unknown,
      reason: row.reason === "expired" ? "expired" : "failed",
      error: row.error ?? "",
    }));
  }

  /** @returns the queue it waits in; undefined when it is no dead letter */
  async redrive(id: string): Promise<string | undefined> {
    const again = sql<{ queue: string }>`update work
      set run_at = ${NOW}, attempt = 1, expires_at = null, reason = null, error = null
      where id = ${id} and run_at is null returning queue`;
    try {
      return (await again.execute(this.#db)).rows[0]?.queue;
    } catch (thrown) {
      if (!isType(thrown, "duplicate_key")) throw thrown;
    }
    // The same work has been added again meanwhile.
    const gone = sql<{ queue: string }>`delete from work where id = ${id} and run_at is null returning queue`;
    return (await gone.execute(this.#db)).rows[0]?.queue;
  }

  async #buryExpired(queue: string): Promise<void> {
    await sql`with expired as materialized (
        select id from work where queue = ${queue} and expires_at <= ${NOW} and ${IS_WAITING}
        and attempt = 1 and lease is null limit ${BURIED_AT_ONCE} for update skip locked)
      update work set run_at = null, reason = 'expired', error = ${EXPIRED} from expired where work.id = expired.id`.execute(
      this.#db,
    );
  }

  /** Whether the lease still holds. */
  async #change(to: RawBuilder<unknown>, id: string, lease: string): Promise<boolean> {
    const change = sql`update work set ${to} where id = ${id} and lease = ${lease}`;
    return Number((await change.execute(this.#db)).numAffectedRows) > 0;
  }
}

function later(ms: number | null): RawBuilder<unknown> {
  return ms === null ? sql`null` : sql`${NOW} + ${ms}::bigint`;
}

/** What somebody else has said may hold a NUL. */
const textOf = ({ message }: Error): string => message.replaceAll("\0", "");
