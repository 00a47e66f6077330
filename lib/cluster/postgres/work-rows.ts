// The table of waiting work on PostgreSQL. Whoever takes an item holds a lease on it: `lease` names the holder, and `run_at` is then
// the end of the lease, so that the work of one who died is simply due again. All times are the server's; no two clocks are compared.
import { randomUUID } from "node:crypto";
import { type Kysely, type RawBuilder, sql } from "kysely";
import { isType } from "../../errors.ts";
import { Gathering } from "../../gathering.ts";
import type { DeadLetter } from "../../ports/work.ts";
import type { Look, Taken, WorkRows } from "../../work/work-queues.ts";
import { type NewWork, onceEach } from "./new-work.ts";
import { WorkLease } from "./work-lease.ts";
import type { WorkTables } from "./work-migrations.ts";

/** Work with the name of the lease it was taken under. */
export type Leased = Taken & { lease: string };

/** The same within a statement, so that an index can be asked for what is before it. */
const NOW = sql<number>`(extract(epoch from statement_timestamp()) * 1000)::bigint`;
const IS_WAITING = sql<boolean>`run_at is not null`;
const IS_BEGUN = sql<boolean>`(attempt > 1 or lease is not null)`;
/** Expired items that are buried at one look. */
const BURIED_AT_ONCE = 100;
const EXPIRED = "it was not begun in time";

export class PostgresWorkRows implements WorkRows<Leased> {
  readonly #db: Kysely<WorkTables>;
  readonly #leaseMs: number;
  readonly #ending = new Gathering<Leased, ReadonlySet<string>>((items) => this.#remove(items));

  constructor(db: Kysely<WorkTables>, leaseMs: number) {
    this.#db = db;
    this.#leaseMs = leaseMs;
  }

  async insert(added: NewWork[]): Promise<void> {
    const rows = onceEach(added);
    const all = <Name extends keyof NewWork>(name: Name) => rows.map((row) => row[name]);
    // Moments of our own clock as waits from now, on the server's.
    const now = Date.now();
    const dueIn = rows.map(({ runAt = now }) => Math.max(0, Math.ceil(runAt - now)));
    const lives = rows.map(({ expiresAt }) => (expiresAt === undefined ? null : Math.ceil(expiresAt - now)));
    await sql`insert into work (id, queue, key, payload, priority, attempt, added, run_at, expires_at)
      select id, queue, key, payload, priority, 1, 1, ${NOW} + due_in, ${NOW} + lives
      from unnest(${all("id")}::text[], ${all("queue")}::text[], ${all("key")}::text[], ${all("payload")}::text[],
        ${all("priority")}::integer[], ${dueIn}::bigint[], ${lives}::bigint[])
        as added (id, queue, key, payload, priority, due_in, lives)
      on conflict (queue, key) where key is not null and ${IS_WAITING} do update set added = work.added + 1`.execute(
      this.#db,
    );
  }

  async remove(queue: string, key: string): Promise<void> {
    await sql`delete from work where queue = ${queue} and key = ${key} and ${IS_WAITING}`.execute(this.#db);
  }

  async take(queue: string, limit: number): Promise<Look<Leased>> {
    const lease = randomUUID();
    // What is read is as it was before the statement. Whoever had a lease on an item that ended has begun it, and did not end it.
    const look = sql<Found>`with expired as materialized (
        select id from work where queue = ${queue} and expires_at <= ${NOW} and ${IS_WAITING} and not ${IS_BEGUN}
        limit ${BURIED_AT_ONCE} for update skip locked),
      buried as (
        update work set run_at = null, reason = 'expired', error = ${EXPIRED} from expired where work.id = expired.id),
      due as materialized (
        select id, run_at from work where queue = ${queue} and run_at <= ${NOW}
        and (expires_at is null or expires_at > ${NOW} or ${IS_BEGUN})
        order by priority desc, run_at, id limit ${limit} for update skip locked),
      taken as (
        update work set lease = ${lease}, run_at = ${later(this.#leaseMs)},
          attempt = attempt + (case when lease is null then 0 else 1 end)
        from due where work.id = due.id
        returning work.id, work.queue, work.payload, work.attempt, work.added, work.lease, work.priority, due.run_at as due),
      next as (
        select least(
          (select min(run_at) from work where queue = ${queue} and run_at > ${NOW}),
          (select min(expires_at) from work where queue = ${queue} and expires_at > ${NOW}
            and ${IS_WAITING} and not ${IS_BEGUN})) - ${NOW} as next)
      select next.next, taken.* from next left join taken on true order by taken.priority desc, taken.due, taken.id`;
    const { rows } = await look.execute(this.#db);
    return { taken: rows.flatMap(takenOf), nextIn: rows[0]?.next ?? undefined };
  }

  async putBack({ id, lease }: Leased): Promise<void> {
    await this.#change(sql`run_at = ${NOW}, lease = null`, id, lease);
  }

  async finish(item: Leased): Promise<boolean> {
    if ((await this.#ending.add(item)).has(item.id)) return false;
    return this.#change(sql`attempt = 1, run_at = ${NOW}, lease = null, error = null`, item.id, item.lease);
  }

  async postpone({ id, lease }: Leased, error: Error, delayMs: number): Promise<void> {
    const to = sql`attempt = attempt + 1, run_at = ${later(delayMs)}, lease = null, error = ${textOf(error)}`;
    await this.#change(to, id, lease);
  }

  async bury({ id, lease, added }: Leased, error: Error, delayMs: number): Promise<boolean> {
    const dead = sql`update work set run_at = null, lease = null, reason = 'failed', error = ${textOf(error)}
      where id = ${id} and lease = ${lease} and added = ${added}`;
    if (Number((await dead.execute(this.#db)).numAffectedRows) > 0) return false;
    return this.#change(sql`attempt = 1, run_at = ${later(delayMs)}, lease = null`, id, lease);
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

  /** Those that are ours and were not added while they ran. @returns the ids of what is gone */
  async #remove(items: Leased[]): Promise<ReadonlySet<string>> {
    const all = <Name extends keyof Leased>(name: Name) => items.map((item) => item[name]);
    const gone = sql<{ id: string }>`delete from work
      using unnest(${all("id")}::text[], ${all("lease")}::text[], ${all("added")}::integer[]) as done (id, lease, added)
      where work.id = done.id and work.lease = done.lease and work.added = done.added returning work.id`;
    return new Set((await gone.execute(this.#db)).rows.map(({ id }) => id));
  }

  /** Whether the lease still holds. */
  async #change(to: RawBuilder<unknown>, id: string, lease: string): Promise<boolean> {
    const change = sql`update work set ${to} where id = ${id} and lease = ${lease}`;
    return Number((await change.execute(this.#db)).numAffectedRows) > 0;
  }
}

/** A row that says when the next one is due, and one item that was taken, if there was one. */
type Found = { next: number | null } & ((Leased & { payload: string }) | { id: null });

function takenOf(found: Found): Leased[] {
  if (found.id === null) return [];
  const { id, queue, payload, attempt, added, lease } = found;
  return [{ id, queue, payload: JSON.parse(payload) as unknown, attempt, added, lease }];
}

function later(ms: number): RawBuilder<unknown> {
  return sql`${NOW} + ${ms}::bigint`;
}

/** What somebody else has said may hold a NUL. */
const textOf = ({ message }: Error): string => message.replaceAll("\0", "");
