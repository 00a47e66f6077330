// The audit trail on PostgreSQL: one chain of hashes for each process that writes, so that none waits for another. What comes at once
// is written together. The end of the chain is read where it is written behind, never remembered: a write whose answer was lost may
// be there or not.
import { type Kysely, sql } from "kysely";
import { hashOfRow, NO_HASH, type Seals } from "../../audit/chain.ts";
import { isType } from "../../errors.ts";
import type { AuditEntry, AuditHead, AuditRow, AuditRows, AuditTrail } from "../../ports/audit.ts";
import { holdLock } from "../../sql.ts";
import { AUDIT_MIGRATIONS, type AuditTables } from "./audit-migrations.ts";
import type { Postgres } from "./open-postgres.ts";

export type AuditOptions = {
  /** Of this process; the same after its restart, and nobody else's. */
  writer: string;
  /** With a key that is not in the database (lib/audit/chain.ts). */
  seals: Seals;
  now?: () => number;
};

type Waiting = { entry: AuditEntry; resolve: () => void; reject: (error: unknown) => void };

const AT_ONCE = 100;
const MOST_TRIES = 5;
const LARGEST = Number.MAX_SAFE_INTEGER;

/** Another writer was quicker with one of the entries: the rows behind it would hang on a hash that is not there. */
class Overtaken extends Error {}

export class PostgresAudit implements AuditTrail, AuditRows {
  readonly #postgres: Postgres;
  readonly #db: Kysely<AuditTables>;
  readonly #options: AuditOptions;
  #waiting: Waiting[] = [];
  #isWriting = false;

  constructor(postgres: Postgres, options: AuditOptions) {
    this.#postgres = postgres;
    this.#db = postgres.sql<AuditTables>();
    this.#options = options;
  }

  /** Safe to repeat, from several processes. */
  makeTable(): Promise<void> {
    return this.#postgres.migrate("audit", AUDIT_MIGRATIONS);
  }

  append(entry: AuditEntry): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entry, resolve, reject });
      if (!this.#isWriting) void this.#writeAll();
    });
  }

  /** Never throws. */
  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) await this.#writeSome(this.#waiting.splice(0, AT_ONCE));
    this.#isWriting = false;
  }

  async #writeSome(some: Waiting[]): Promise<void> {
    try {
      await this.#write(some.map(({ entry }) => entry));
      for (const { resolve } of some) resolve();
    } catch (error) {
      // One that cannot be written at all keeps no other from it.
      if (some.length > 1 && !isType(error, "store_unavailable"))
        for (const one of some) await this.#writeSome([one]);
      else for (const { reject } of some) reject(error);
    }
  }

  async #write(entries: AuditEntry[]): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#db.transaction().execute((transaction) => this.#insert(transaction, entries));
      } catch (thrown) {
        if (!(thrown instanceof Overtaken) || tries === MOST_TRIES) throw thrown;
      }
    }
  }

  async #insert(transaction: Kysely<AuditTables>, entries: AuditEntry[]): Promise<void> {
    const { writer } = this.#options;
    // Should another process call itself the same, they take turns.
    await holdLock(transaction, `audit ${writer}`);
    const missing = await missingOf(transaction, entries);
    if (missing.length === 0) return;
    const rows = this.#chained(missing, await headOf(transaction, writer));
    const added = await transaction
      .insertInto("audit")
      .values(rows)
      .onConflict((conflict) => conflict.columns(["subject", "entry"]).doNothing())
      .returning("seq")
      .execute();
    if (added.length < rows.length) throw new Overtaken();
  }

  #chained(entries: AuditEntry[], head: AuditHead): AuditRow[] {
    const { writer, seals, now = Date.now } = this.#options;
    let { seq, hash } = head;
    return entries.map(({ subject, entry, user_id, details }) => {
      seq += 1;
      const at = new Date(now()).toISOString();
      const row = { writer, seq, at, subject, entry, user_id, details: JSON.stringify(details) };
      hash = hashOfRow(row, hash);
      return { ...row, hash, seal: seals.sealOf(hash) };
    });
  }

  async writers(): Promise<string[]> {
    const rows = await this.#db.selectFrom("audit").select("writer").distinct().orderBy("writer").execute();
    return rows.map(({ writer }) => writer);
  }

  head(writer: string): Promise<AuditHead> {
    return headOf(this.#db, writer);
  }

  rows(writer: string, after: number, limit: number): Promise<AuditRow[]> {
    return this.#db
      .selectFrom("audit")
      .selectAll()
      .where("writer", "=", writer)
      .where("seq", ">", after)
      .where("seq", ">=", -LARGEST)
      .where("seq", "<=", LARGEST)
      .orderBy("seq")
      .limit(limit)
      .execute();
  }

  /** Rows in places that cannot be counted to, and what changes rows behind our back: we make no trigger and no rule. */
  async unreadable(): Promise<string[]> {
    const far = sql<{
      words: string;
    }>`select writer || ' row ' || seq || ' is no row that can be read: it was added or changed'
      as words from audit where seq not between ${-LARGEST}::bigint and ${LARGEST}::bigint limit 100`;
    const foreign = sql<{
      words: string;
    }>`select 'the ' || kind || ' "' || name || '" is not this server''s: it can change the trail'
      as words from (select 'trigger' as kind, tgname as name from pg_trigger where tgrelid = 'audit'::regclass and not tgisinternal
      union all select 'rule', rulename from pg_rewrite where ev_class = 'audit'::regclass) as found`;
    const found = [...(await foreign.execute(this.#db)).rows, ...(await far.execute(this.#db)).rows];
    return found.map(({ words }) => words);
  }
}

async function headOf(db: Kysely<AuditTables>, writer: string): Promise<AuditHead> {
  const last = await db
    .selectFrom("audit")
    .select(["writer", "seq", "hash"])
    .where("writer", "=", writer)
    .where("seq", "<=", LARGEST)
    .orderBy("seq", "desc")
    .limit(1)
    .executeTakeFirst();
  return last ?? { writer, seq: 0, hash: NO_HASH };
}

/** Those that are not in the trail, each once, in their order. */
async function missingOf(db: Kysely<AuditTables>, entries: AuditEntry[]): Promise<AuditEntry[]> {
  const there = await db
    .selectFrom("audit")
    .select(["subject", "entry"])
    .where(({ or, and, eb }) =>
      or(entries.map(({ subject, entry }) => and([eb("subject", "=", subject), eb("entry", "=", entry)]))),
    )
    .execute();
  const known = new Set(there.map(keyOf));
  return entries.filter((entry) => {
    const key = keyOf(entry);
    if (known.has(key)) return false;
    known.add(key);
    return true;
  });
}

const keyOf = ({ subject, entry }: Pick<AuditEntry, "subject" | "entry">) => JSON.stringify([subject, entry]);
