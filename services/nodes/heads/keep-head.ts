// The end of each Mac's own record of its calls, the newest that it has told of. One that contradicts what it told before is refused, and
// its owner is told: somebody has changed that record, or put an older one back.
import type { z } from "zod";
import type { distrustParams, KeptHead, keepHeadParams } from "../../../contracts/node-chain.ts";
import { isSignedHead } from "../../../lib/audit/node-chain.ts";
import { publicKeyOf } from "../macs/mac-rows.ts";
import type { Database } from "../tables.ts";

/** May be repeated, and several at once: the newest stays. */
export async function keepHead(
  database: Database,
  { node_id, head }: z.output<typeof keepHeadParams>,
): Promise<KeptHead> {
  const key = await publicKeyOf(database, node_id);
  if (key === undefined || !isSignedHead(key, node_id, head))
    return refuse(database, node_id, "the end of its record of calls is not signed with its key");
  const { seq, hash } = head;
  const kept = await database
    .insertInto("node_heads")
    .values({ node_id, seq, hash, fault: null, fault_at: null })
    .onConflict((conflict) =>
      conflict.column("node_id").doUpdateSet({ seq, hash }).where("node_heads.seq", "<", seq),
    )
    .returning("seq")
    .executeTakeFirst();
  if (kept) return { state: "kept" };
  const last = await database
    .selectFrom("node_heads")
    .select(["seq", "hash"])
    .where("node_id", "=", node_id)
    .executeTakeFirstOrThrow();
  if (Number(last.seq) > seq) return { state: "behind", last: { seq: Number(last.seq), hash: last.hash } };
  if (last.hash === hash) return { state: "kept" };
  return refuse(database, node_id, "its record of calls has another entry where it had told of one before");
}

/** What is wrong with a Mac's record, for its owner to see. The first that was found stays. */
export async function distrust(
  database: Database,
  { node_id, why }: z.output<typeof distrustParams>,
): Promise<void> {
  const fault = { fault: why, fault_at: new Date().toISOString() };
  await database
    .insertInto("node_heads")
    .values({ node_id, seq: 0, hash: "", ...fault })
    .onConflict((conflict) =>
      conflict.column("node_id").doUpdateSet(fault).where("node_heads.fault", "is", null),
    )
    .execute();
}

async function refuse(
  database: Database,
  node_id: z.output<typeof keepHeadParams>["node_id"],
  why: string,
): Promise<KeptHead> {
  await distrust(database, { node_id, why });
  return { state: "refused", why };
}

/** By Mac, in words; those of which nothing is known that is wrong are not in it. */
export async function recordFaults(database: Database, ids: string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await database
    .selectFrom("node_heads")
    .select(["node_id", "fault", "fault_at"])
    .where("node_id", "in", ids)
    .where("fault", "is not", null)
    .execute();
  return new Map(
    rows.map(({ node_id, fault, fault_at }) => [
      node_id,
      `Found at ${fault_at}: ${fault}. What it says it did may be untrue: npm run --silent audit -- verify --node ${node_id}`,
    ]),
  );
}
