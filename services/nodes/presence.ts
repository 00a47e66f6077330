// Which Macs are connected, as hubs tell it, and which process of each: of two with one key only the one that came first may run calls,
// since what one has run the other does not know.
import type { Kysely } from "kysely";
import type { NodeId } from "../../contracts/ids.ts";
import type { MacProcess } from "../../contracts/nodes.ts";
import type { NodeDescription } from "../../contracts/tools.ts";
import { RETURN_MS } from "../../lib/edge/keys/edge-signer.ts";
import type { NodesTables } from "./tables.ts";

/** A hub tells of those it hears every four seconds; one that it has lost it tells at once. */
export const PRESENT_FOR_MS = 12_000;

/**
 * A process of a Mac has come. Whether it is the one to deal with: the Mac is paired, neither revoked nor cut off, and no other process of it is
 * connected. May be repeated.
 */
export async function meet(db: Kysely<NodesTables>, { node_id, instance }: MacProcess): Promise<boolean> {
  const now = Date.now();
  const { numUpdatedRows } = await db
    .updateTable("nodes")
    .set({ instance, online_until: now + PRESENT_FOR_MS, last_seen_at: new Date(now).toISOString() })
    .where("id", "=", node_id)
    .where("is_host", "=", 0)
    .where("revoked_at", "is", null)
    // Its connection may stand a moment longer, or nats-server could not be told.
    .where("cut_off_at", "<", now - RETURN_MS)
    .where((where) =>
      where.or([
        where("instance", "=", instance),
        where("instance", "is", null),
        where("online_until", "<", now),
      ]),
    )
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** They are still heard. @returns those that are not to be dealt with any more */
export async function see(db: Kysely<NodesTables>, macs: MacProcess[]): Promise<NodeId[]> {
  if (macs.length === 0) return [];
  const ids = macs.map(({ node_id }) => node_id);
  const rows = await db
    .selectFrom("nodes")
    .select(["id", "instance", "revoked_at"])
    .where("id", "in", ids)
    .execute();
  // Thousands every four seconds: nothing is looked for in a list.
  const known = new Map(rows.map((row) => [row.id, row]));
  const isGood = ({ node_id, instance }: MacProcess) => {
    const row = known.get(node_id);
    return row?.instance === instance && row.revoked_at === null;
  };
  const good = macs.filter(isGood);
  const now = Date.now();
  if (good.length > 0)
    await db
      .updateTable("nodes")
      .set({ online_until: now + PRESENT_FOR_MS, last_seen_at: new Date(now).toISOString() })
      .where(
        "id",
        "in",
        good.map(({ node_id }) => node_id),
      )
      .execute();
  return macs.filter((mac) => !isGood(mac)).map(({ node_id }) => node_id);
}

/** A hub has lost it. Another hub that still hears it says so within four seconds. */
export async function lose(db: Kysely<NodesTables>, { node_id, instance }: MacProcess): Promise<void> {
  await db
    .updateTable("nodes")
    .set({ online_until: 0 })
    .where("id", "=", node_id)
    .where("instance", "=", instance)
    .execute();
}

export async function keepTold(
  db: Kysely<NodesTables>,
  { node_id, instance }: MacProcess,
  description: NodeDescription,
): Promise<void> {
  await db
    .updateTable("nodes")
    .set({ description: JSON.stringify(description) })
    .where("id", "=", node_id)
    .where("instance", "=", instance)
    .execute();
}
