// Rows of the calls that wait for a machine that is away: what waits, for how long, and in which order it goes when the machine is there.
// A row is taken by the one who sends its call; what nobody takes any more (its process died) goes when its time is over.
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { CallId, NodeId, UserId } from "../../../contracts/ids.ts";
import { AppError } from "../../../lib/errors.ts";
import { holdLock } from "../../../lib/sql.ts";

export type QueueTables = {
  queued_calls: {
    call_id: string;
    node_id: string;
    user_id: string;
    name: string;
    /** The arguments as they may be shown, as JSON. */
    shown_args: string;
    /** 9 goes first. */
    priority: number;
    /** Epoch milliseconds. */
    queued_at: number;
    expires_at: number;
    /** When somebody waited with it last: a call whose process died holds up nobody behind it. */
    touched_at: number;
  };
};
type Database = Kysely<QueueTables>;

export const QUEUE_MIGRATIONS: Record<string, Migration> = {
  "2026-11-30-queued-calls": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("queued_calls")
        .addColumn("call_id", "text", (column) => column.primaryKey())
        .addColumn("node_id", "text", (column) => column.notNull())
        .addColumn("user_id", "text", (column) => column.notNull())
        .addColumn("name", "text", (column) => column.notNull())
        .addColumn("shown_args", "text", (column) => column.notNull())
        .addColumn("priority", "integer", (column) => column.notNull())
        .addColumn("queued_at", "bigint", (column) => column.notNull())
        .addColumn("expires_at", "bigint", (column) => column.notNull())
        .addColumn("touched_at", "bigint", (column) => column.notNull())
        .execute();
      await db.schema
        .createIndex("queued_calls_order")
        .on("queued_calls")
        .columns(["node_id", "priority", "queued_at"])
        .execute();
    },
  },
};

/** Whoever waits says so more often. */
const ALIVE_MS = 10_000;
/** Calls that may wait for one machine. */
const MOST = 100;

export type QueuedCall = {
  call_id: CallId;
  node_id: NodeId;
  user_id: UserId;
  name: string;
  shown_args: string;
  priority: number;
  expires_at: number;
};

/**
 * Puts the call into the line of its machine. One that is there already (its run was taken over) keeps its place and its time.
 * @returns when it expires, epoch milliseconds
 * @throws node_queue_full
 */
export function enqueue(db: Database, call: QueuedCall): Promise<number> {
  const now = Date.now();
  return db.transaction().execute(async (transaction) => {
    await holdLock<QueueTables>(transaction, `queue ${call.node_id}`);
    await transaction.deleteFrom("queued_calls").where("expires_at", "<", now).execute();
    const rows = await transaction
      .selectFrom("queued_calls")
      .select(["call_id", "expires_at"])
      .where("node_id", "=", call.node_id)
      .execute();
    const known = rows.find(({ call_id }) => call_id === call.call_id);
    if (known) {
      await touch(transaction, call.call_id);
      return Number(known.expires_at);
    }
    if (rows.length >= MOST)
      throw new AppError("node_queue_full", `${MOST} calls wait for this machine already.`, {
        retryAfterMs: 60_000,
      });
    await transaction
      .insertInto("queued_calls")
      .values({ ...call, queued_at: now, touched_at: now })
      .execute();
    return call.expires_at;
  });
}

/** Whether it is the next of its machine's line, which goes one by one; undefined when it is in it no more. */
export async function isFirst(
  db: Database,
  { node_id, call_id }: Pick<QueuedCall, "node_id" | "call_id">,
): Promise<boolean | undefined> {
  const line = await inLine(db, node_id);
  if (!line.some((row) => row.call_id === call_id)) return undefined;
  const alive = Date.now() - ALIVE_MS;
  const first = line.find((row) => row.call_id === call_id || Number(row.touched_at) > alive);
  return first?.call_id === call_id;
}

/** Somebody waits with it still. */
export async function touch(db: Database, callId: string): Promise<void> {
  await db
    .updateTable("queued_calls")
    .set({ touched_at: Date.now() })
    .where("call_id", "=", callId)
    .execute();
}

/** @returns whether it was in the line: whoever takes it out decides what becomes of it */
export async function takeOut(db: Database, callId: CallId): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom("queued_calls")
    .where("call_id", "=", callId)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** What waits for a machine, in the order in which it goes. */
export function inLine(db: Database, node: NodeId): Promise<QueueTables["queued_calls"][]> {
  return db
    .selectFrom("queued_calls")
    .selectAll()
    .where("node_id", "=", node)
    .where("expires_at", ">", Date.now())
    .orderBy("priority", "desc")
    .orderBy("queued_at")
    .orderBy("call_id")
    .execute();
}

export async function lengthsOf(db: Database, nodes: NodeId[]): Promise<Record<string, number>> {
  if (nodes.length === 0) return {};
  const rows = await db
    .selectFrom("queued_calls")
    .select(({ fn }) => ["node_id", fn.countAll<number>().as("calls")])
    .where("node_id", "in", nodes)
    .where("expires_at", ">", Date.now())
    .groupBy("node_id")
    .execute();
  return Object.fromEntries(rows.map(({ node_id, calls }) => [node_id, Number(calls)]));
}

export async function forgetUser(db: Database, user: UserId): Promise<void> {
  await db.deleteFrom("queued_calls").where("user_id", "=", user).execute();
}
