// Who runs a call of a server tool, and what became of it, for all processes of the `tools` service: a row that is written before the
// call runs (G3). What ran in a process that is gone has an outcome that nobody knows, unless its tool may be repeated.
import type { Kysely } from "kysely";
import type { CallUsage } from "../../../contracts/tool-runs.ts";
import type { CallOutcome, FencedCall } from "../../../contracts/tools.ts";
import { holdLock, storeTime } from "../../../lib/sql.ts";
import type { ToolsTables } from "../tables.ts";
import type { ServerCallRow } from "./tables.ts";

/** An owner that runs something says so in its rows this often; one that has not for so long is gone. */
const BEAT_MS = 5_000;
const GONE_MS = 20_000;
const KEPT_MS = 86_400_000;

const LOST: CallOutcome = {
  status: "outcome_unknown",
  result: {
    ok: false,
    error: {
      code: "outcome_unknown",
      message: "The server stopped while this ran; nobody knows how far it got. Look before you do it again.",
    },
  },
  duration_ms: 0,
};

type Claimed =
  /** It is this process's to run, and nobody else's. */
  | { type: "mine" }
  | { type: "ended"; outcome: CallOutcome }
  /** Another process runs it. */
  | { type: "elsewhere" }
  /** A newer owner of its run has shut the sender out. */
  | { type: "stale" };

export type ClaimedCall = {
  call_id: string;
  user_id: string;
  epoch: number;
  attempt: number;
  idempotent: boolean;
};

/** What is decided about a call is decided one after the other, in however many processes. */
const lockCall = (db: Kysely<ToolsTables>, call_id: string) => holdLock(db, `server call ${call_id}`);

type Seen = ServerCallRow & { is_old: unknown };

export class Claims {
  readonly #db: Kysely<ToolsTables>;
  readonly #me: string;
  readonly #isAlone: boolean;
  #beats: NodeJS.Timeout | undefined;
  #running = 0;

  /**
   * @param me names this start of this process; another start has another name
   * @param isAlone no other process runs calls: what others have begun is over
   */
  constructor(db: Kysely<ToolsTables>, me: string, isAlone: boolean) {
    this.#db = db;
    this.#me = me;
    this.#isAlone = isAlone;
  }

  /** Decides, once for all processes, what becomes of a call that has come here. */
  claim(call: ClaimedCall): Promise<Claimed> {
    return this.#alone(call.call_id, async (db) => {
      const row = await this.#row(db, call.call_id);
      if (row && call.epoch < Number(row.fenced_before)) return { type: "stale" };
      if (!row || row.state === "fenced") return this.#take(db, call, row);
      const isAgain = call.idempotent && call.attempt > Number(row.attempt);
      if (row.state === "running" && !this.#isGone(row)) return { type: "elsewhere" };
      if (isAgain) return this.#take(db, call, row);
      if (row.state === "running") await this.#write(db, call.call_id, lost(row));
      return { type: "ended", outcome: outcomeOf(row) };
    });
  }

  /** The first outcome of a call stays: of one that was given up meanwhile it is that nobody knows. */
  async end(call_id: string, attempt: number, outcome: CallOutcome): Promise<void> {
    await this.#db
      .updateTable("server_calls")
      .set({ state: "ended", outcome: JSON.stringify(outcome), seen_at: storeTime(this.#db) })
      .where("call_id", "=", call_id)
      .where("owner", "=", this.#me)
      .where("attempt", "=", attempt)
      .where("state", "=", "running")
      .execute();
  }

  /** What a call that runs here has used until now: known also when its process dies over it. */
  async note(call_id: string, usage: CallUsage): Promise<void> {
    await this.#db
      .updateTable("server_calls")
      .set({ usage: JSON.stringify(usage) })
      .where("call_id", "=", call_id)
      .where("owner", "=", this.#me)
      .execute();
  }

  /** What became of a call; no owner of its run before `epoch` can have it run any more. */
  fence(call_id: string, epoch: number): Promise<FencedCall> {
    return this.#alone(call_id, async (db) => {
      const row = await this.#row(db, call_id);
      if (!row) {
        const fenced = { call_id, user_id: "", state: "fenced" as const, attempt: 0, fenced_before: epoch };
        await db
          .insertInto("server_calls")
          .values({ ...fenced, owner: "", seen_at: storeTime(db), outcome: null, usage: null })
          .execute();
        return { state: "never_seen" };
      }
      const fenced_before = Math.max(epoch, Number(row.fenced_before));
      await db.updateTable("server_calls").set({ fenced_before }).where("call_id", "=", call_id).execute();
      if (row.state === "fenced") return { state: "never_seen" };
      if (row.state === "ended") return { state: "ended", outcome: outcomeOf(row) };
      if (!this.#isGone(row, true)) return { state: "running" };
      // One that may not be repeated has its end with that, and with what it has used.
      return row.usage === null ? { state: "unknown" } : { state: "ended", outcome: lost(row) };
    });
  }

  /** While work is done here others know that its owner lives. */
  async whileBeating<T>(work: () => Promise<T>): Promise<T> {
    this.#running += 1;
    this.#beats ??= setInterval(() => void this.#beat().catch(() => undefined), BEAT_MS).unref();
    try {
      return await work();
    } finally {
      this.#running -= 1;
      if (this.#running === 0) {
        clearInterval(this.#beats);
        this.#beats = undefined;
      }
    }
  }

  /** Removes what is too old for anybody to ask about. */
  async sweep(): Promise<void> {
    const old = storeTime(this.#db, KEPT_MS);
    await this.#db.deleteFrom("server_calls").where("seen_at", "<", old).execute();
  }

  async removeUser(user_id: string): Promise<void> {
    await this.#db.deleteFrom("server_calls").where("user_id", "=", user_id).execute();
  }

  async #beat(): Promise<void> {
    await this.#db
      .updateTable("server_calls")
      .set({ seen_at: storeTime(this.#db) })
      .where("owner", "=", this.#me)
      .where("state", "=", "running")
      .execute();
  }

  #alone<T>(call_id: string, work: (db: Kysely<ToolsTables>) => Promise<T>): Promise<T> {
    return this.#db.transaction().execute(async (transaction) => {
      await lockCall(transaction, call_id);
      return work(transaction);
    });
  }

  async #row(db: Kysely<ToolsTables>, call_id: string): Promise<Seen | undefined> {
    return db
      .selectFrom("server_calls")
      .selectAll()
      .select((eb) => eb("seen_at", "<", storeTime(db, GONE_MS)).as("is_old"))
      .where("call_id", "=", call_id)
      .executeTakeFirst();
  }

  /** @param mayBeHere it may run in this process; else whoever asks has looked */
  #isGone({ owner, is_old }: Seen, mayBeHere = false): boolean {
    if (owner === this.#me) return !mayBeHere;
    return this.#isAlone || Boolean(is_old);
  }

  async #take(db: Kysely<ToolsTables>, call: ClaimedCall, row: Seen | undefined): Promise<Claimed> {
    const { call_id, user_id, attempt } = call;
    const taken = {
      user_id,
      state: "running" as const,
      attempt,
      owner: this.#me,
      outcome: null,
      usage: null,
    };
    const seen_at = storeTime(db);
    if (row)
      await db
        .updateTable("server_calls")
        .set({ ...taken, seen_at })
        .where("call_id", "=", call_id)
        .execute();
    else
      await db
        .insertInto("server_calls")
        .values({ call_id, ...taken, seen_at, fenced_before: 0 })
        .execute();
    return { type: "mine" };
  }

  async #write(db: Kysely<ToolsTables>, call_id: string, outcome: CallOutcome): Promise<void> {
    const ended = { state: "ended" as const, outcome: JSON.stringify(outcome) };
    await db.updateTable("server_calls").set(ended).where("call_id", "=", call_id).execute();
  }
}

function outcomeOf(row: Seen): CallOutcome {
  const { outcome } = row;
  return outcome === null ? lost(row) : (JSON.parse(outcome) as CallOutcome);
}

function lost({ usage }: Seen): CallOutcome {
  return usage === null ? LOST : { ...LOST, usage: JSON.parse(usage) as CallUsage };
}
