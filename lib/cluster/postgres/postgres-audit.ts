// The audit trail on PostgreSQL: one chain of hashes for each process that writes, so that none waits for another. What comes at once
// is written together, in one statement behind the end of the chain that this process remembers. A write whose answer was lost may be
// there or not: then the end is read anew. That no two rows have one place in a chain, and no entry two rows, is the table's to keep.
import { type Kysely, sql } from "kysely";
import { hashOfRow, NO_HASH, type Seals } from "../../audit/chain.ts";
import { isType } from "../../errors.ts";
import { Gathering } from "../../gathering.ts";
import type {
  AuditEntry,
  AuditHead,
  AuditPart,
  AuditReading,
  AuditRow,
  AuditRows,
  AuditTrail,
} from "../../ports/audit.ts";
import { holdLock } from "../../sql.ts";
import { AUDIT_MIGRATIONS, type AuditTables } from "./audit-migrations.ts";
import type { Postgres } from "./open-postgres.ts";

export type AuditOptions = {
  /** Of this process; the same after its restart, and nobody else's. */
  writer: string;
  /** With a key that is not in the database (lib/audit/chain.ts). */
  seals: Seals;
  /** Also of rows that another server wrote before it was moved here; those of `seals` unless given. */
  readSeals?: () => Seals;
  now?: () => number;
};

/** Somebody else's entries, or a second process of the same name, come in between; none of them twice. */
const MOST_TRIES = 20;
const LARGEST = Number.MAX_SAFE_INTEGER;

export class PostgresAudit implements AuditTrail, AuditRows {
  readonly #postgres: Postgres;
  readonly #db: Kysely<AuditTables>;
  readonly #options: AuditOptions;
  readonly #appending = new Gathering<AuditEntry>((entries) => this.#write(onceEach(entries)));
  /** The end of the chain, by the last write that was answered; unknown at the start and after a failure. */
  #head: AuditHead | undefined;

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
    return this.#appending.add(entry);
  }

  async #write(entries: AuditEntry[]): Promise<void> {
    const known = this.#head;
    // Until this one is answered.
    this.#head = undefined;
    try {
      const head = known ?? (await headOf(this.#db, this.#options.writer));
      this.#head = await insert(this.#db, this.#chained(entries, head));
    } catch (thrown) {
      if (!isType(thrown, "duplicate_key")) throw thrown;
      this.#head = await this.#writeMissing(entries);
    }
  }

  /** An entry is there already, or somebody else has the place behind the end. @returns the end */
  async #writeMissing(entries: AuditEntry[]): Promise<AuditHead> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#db.transaction().execute((transaction) => this.#addMissing(transaction, entries));
      } catch (thrown) {
        if (!isType(thrown, "duplicate_key") || tries === MOST_TRIES) throw thrown;
      }
    }
  }

  async #addMissing(transaction: Kysely<AuditTables>, entries: AuditEntry[]): Promise<AuditHead> {
    const { writer } = this.#options;
    // Should another process call itself the same, they take turns.
    await holdLock(transaction, `audit ${writer}`);
    const missing = await missingOf(transaction, entries);
    const head = await headOf(transaction, writer);
    return missing.length === 0 ? head : insert(transaction, this.#chained(missing, head));
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
    // From one to the next by the index: to look for what is distinct would read every row.
    const { rows } = await sql<{ writer: string | null }>`with recursive found(writer) as (
      (select writer from audit order by writer limit 1) union all
      select (select a.writer from audit a where a.writer > found.writer order by a.writer limit 1) from found
        where found.writer is not null) select writer from found`.execute(this.#db);
    return rows.flatMap(({ writer }) => (writer === null ? [] : [writer]));
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

  rowsBefore(writer: string, before: number, limit: number): Promise<AuditRow[]> {
    return this.#db
      .selectFrom("audit")
      .selectAll()
      .where("writer", "=", writer)
      .where("seq", "<", before)
      .where("seq", ">=", -LARGEST)
      .orderBy("seq", "desc")
      .limit(limit)
      .execute();
  }

  /** A row that is no row does not fit the columns of this table; the rest costs little here. */
  unreadableIn(part: AuditPart): Promise<string[]> {
    return part === "besides" ? this.unreadable() : Promise.resolve([]);
  }

  get reading(): AuditReading {
    const { seals, readSeals } = this.#options;
    return { trail: this, seals: readSeals?.() ?? seals };
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

/** All of them or none. @throws duplicate_key when one of the entries, or one of the places, is there. @returns the last */
async function insert(db: Kysely<AuditTables>, rows: AuditRow[]): Promise<AuditHead> {
  const all = <Name extends keyof AuditRow>(name: Name) => rows.map((row) => row[name]);
  await sql`insert into audit (writer, seq, at, subject, entry, user_id, details, hash, seal)
    select * from unnest(${all("writer")}::text[], ${all("seq")}::bigint[], ${all("at")}::text[],
      ${all("subject")}::text[], ${all("entry")}::text[], ${all("user_id")}::text[],
      ${all("details")}::text[], ${all("hash")}::text[], ${all("seal")}::text[])`.execute(db);
  const { writer, seq, hash } = rows.at(-1) as AuditRow;
  return { writer, seq, hash };
}

/** Those that are not in the trail. */
async function missingOf(db: Kysely<AuditTables>, entries: AuditEntry[]): Promise<AuditEntry[]> {
  const there = await db
    .selectFrom("audit")
    .select(["subject", "entry"])
    .where(({ or, and, eb }) =>
      or(entries.map(({ subject, entry }) => and([eb("subject", "=", subject), eb("entry", "=", entry)]))),
    )
    .execute();
  const known = new Set(there.map(keyOf));
  return entries.filter((entry) => !known.has(keyOf(entry)));
}

/** In their order, the first of each. */
function onceEach(entries: AuditEntry[]): AuditEntry[] {
  const seen = new Set<string>();
  return entries.filter((entry) => seen.size < seen.add(keyOf(entry)).size);
}

const keyOf = ({ subject, entry }: Pick<AuditEntry, "subject" | "entry">) => JSON.stringify([subject, entry]);
