// Calls under way that no run keeps, for all processes of the service: a row that is written before the call is sent and goes when its end is in the
// trail. What a process leaves behind that died over it gets its end from another one, or from the next start: nobody knows (G3).
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { Caller } from "../../../contracts/access.ts";
import type { CallId, UserId } from "../../../contracts/ids.ts";
import type { CallOutcome } from "../../../contracts/tools.ts";
import { toError } from "../../../lib/errors.ts";
import type { Log } from "../../../lib/log.ts";
import type { AuditTrail } from "../../../lib/ports/audit.ts";
import { storeTime } from "../../../lib/sql.ts";
import { auditAnswered, auditSent, sentDetails } from "../audit-tools.ts";

/** An owner that has calls says so this often; one that has not for so long is gone. */
const BEAT_MS = 5_000;
const GONE_MS = 20_000;
const MOST_AT_ONCE = 100;

export type OpenCallTables = {
  open_calls: {
    call_id: string;
    user_id: string;
    name: string;
    /** What the trail says of it when it is sent (JSON). */
    sent: string;
    /** The start of a process that waits for it. */
    owner: string;
    /** By the store's clock: when its owner was last heard of. */
    seen_at: string;
  };
};

export const OPEN_CALL_MIGRATIONS: Record<string, Migration> = {
  "2026-11-30-open-calls": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("open_calls")
        .addColumn("call_id", "text", (column) => column.primaryKey())
        .addColumn("user_id", "text", (column) => column.notNull())
        .addColumn("name", "text", (column) => column.notNull())
        .addColumn("sent", "text", (column) => column.notNull())
        .addColumn("owner", "text", (column) => column.notNull())
        .addColumn("seen_at", "text", (column) => column.notNull())
        .execute();
      await db.schema.createIndex("open_calls_by_age").on("open_calls").column("seen_at").execute();
    },
  },
};

type SentCall = { call_id: CallId; name: string; args: unknown };
type Whose = Pick<Caller, "user_id" | "key_id">;

const LOST: CallOutcome = {
  status: "outcome_unknown",
  result: {
    ok: false,
    error: {
      code: "outcome_unknown",
      message: "The server stopped while this ran; nobody knows how far it got.",
    },
  },
  duration_ms: 0,
};

type Given = {
  db: Kysely<OpenCallTables>;
  trail: AuditTrail;
  /** Names this start of this process; another start has another name. */
  me: string;
  /** No other process sends calls: what others have left is lost. */
  isAlone: boolean;
  log: Pick<Log, "error" | "warn">;
};

export class OpenCalls {
  readonly #given: Given;
  readonly #here = new Set<CallId>();
  /** Ends that could not be written. */
  readonly #late = new Map<CallId, () => Promise<void>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(given: Given) {
    this.#given = given;
  }

  /** Looks for those that others have left, now and again and again. */
  start(): void {
    const look = () =>
      this.#look().catch((thrown: unknown) =>
        this.#given.log.warn({ err: toError(thrown) }, "calls of a process that is gone get their end later"),
      );
    this.#timer = setInterval(look, BEAT_MS).unref();
    void look();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** It is about to be sent: durable, and in the trail, when this answers. */
  async begin(
    { user_id, key_id }: Whose,
    call: SentCall,
    plan: { node_id: string | null; risk: string },
  ): Promise<void> {
    const { db, trail, me } = this.#given;
    const { call_id, name } = call;
    const details = sentDetails({ key_id }, call, plan);
    const row = { user_id, name, sent: JSON.stringify(details), owner: me, seen_at: storeTime(db) };
    await db
      .insertInto("open_calls")
      .values({ call_id, ...row })
      // A repetition by the next owner of its run.
      .onConflict((conflict) => conflict.column("call_id").doUpdateSet(row))
      .execute();
    this.#here.add(call_id);
    try {
      await auditSent(trail, { call_id, user_id, details });
    } catch (thrown) {
      // It is not sent.
      this.#here.delete(call_id);
      await this.#remove(call_id).catch(() => undefined);
      throw thrown;
    }
  }

  /** It has ended, or nobody knows. Never rejects: whoever asked for the call is answered whatever becomes of the entry. */
  async end(
    { user_id }: Whose,
    call: Pick<SentCall, "call_id" | "name">,
    outcome: CallOutcome,
  ): Promise<void> {
    const { trail, log } = this.#given;
    const write = async () => {
      await auditAnswered(trail, { user_id }, call, outcome);
      await this.#remove(call.call_id);
    };
    try {
      await write();
    } catch (thrown) {
      this.#late.set(call.call_id, write);
      log.error({ err: toError(thrown), call_id: call.call_id }, "a call's end is audited later");
    } finally {
      this.#here.delete(call.call_id);
    }
  }

  async #look(): Promise<void> {
    const { db, trail, me, isAlone } = this.#given;
    // First: while an end cannot be written, others must know all the same that what runs here is not lost.
    if (this.#here.size + this.#late.size > 0)
      await db
        .updateTable("open_calls")
        .set({ seen_at: storeTime(db) })
        .where("owner", "=", me)
        .execute();
    for (const [call_id, write] of this.#late) {
      await write();
      this.#late.delete(call_id);
    }
    const left = await db
      .selectFrom("open_calls")
      .selectAll()
      .where("owner", "<>", me)
      .$if(!isAlone, (query) => query.where("seen_at", "<", storeTime(db, GONE_MS)))
      .limit(MOST_AT_ONCE)
      .execute();
    for (const row of left) {
      const call = { call_id: row.call_id as CallId, user_id: row.user_id as UserId, name: row.name };
      // It may have died before that was in the trail.
      await auditSent(trail, { ...call, details: JSON.parse(row.sent) as Record<string, unknown> });
      await auditAnswered(trail, call, call, LOST);
      await this.#remove(call.call_id);
    }
  }

  async #remove(call_id: CallId): Promise<void> {
    await this.#given.db.deleteFrom("open_calls").where("call_id", "=", call_id).execute();
  }
}
