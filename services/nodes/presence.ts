// Which Macs are connected, as hubs tell it, and which process of each: of two with one key only the one that came first may run calls,
// since what one has run the other does not know; one that goes on with the journal of the first knows it.
import type { ExpressionBuilder, Kysely } from "kysely";
import type { z } from "zod";
import type { NodeId } from "../../contracts/ids.ts";
import type { MacProcess, Met, meetParams, SeenMac } from "../../contracts/nodes.ts";
import type { NodeDescription } from "../../contracts/tools.ts";
import { RETURN_MS } from "../../lib/edge/keys/edge-signer.ts";
import type { NodesTables } from "./tables.ts";
import { changedVitals } from "./vitals.ts";

/** A hub tells of those it hears every four seconds; one that it has lost it tells at once. */
export const PRESENT_FOR_MS = 12_000;

/**
 * A process of a Mac has come. Whether it is the one to deal with: the Mac is paired, neither revoked nor cut off, and no other process of it is
 * connected, or none but one whose journal this one goes on with: only when that one is dead can it have it. May be repeated.
 */
export async function meet(
  db: Kysely<NodesTables>,
  { node_id, instance, journal }: z.output<typeof meetParams>,
): Promise<Met> {
  const now = Date.now();
  const { key = null, start = 0 } = journal ?? {};
  const goesOn = (where: ExpressionBuilder<NodesTables, "nodes">) =>
    where.and([where("journal", "=", key), where("journal_start", "<", start)]);
  const { numUpdatedRows } = await db
    .updateTable("nodes")
    .set((where) => ({
      ...{ instance, online_until: now + PRESENT_FOR_MS, last_seen_at: new Date(now).toISOString() },
      ...{ journal: key, journal_start: start },
      journal_since: where
        .case()
        .when(where.or([where("instance", "=", instance), goesOn(where)]))
        .then(where.ref("journal_since"))
        .else(now)
        .end(),
      // Another process has not said yet how it is.
      vitals: where.case().when("instance", "=", instance).then(where.ref("vitals")).else(null).end(),
    }))
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
        goesOn(where),
      ]),
    )
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return { accepted: false, journal_since: 0 };
  const { journal_since } = await db
    .selectFrom("nodes")
    .select("journal_since")
    .where("id", "=", node_id)
    .executeTakeFirstOrThrow();
  return { accepted: true, journal_since: Number(journal_since) };
}

/** They are still heard. @returns those that are not to be dealt with any more */
export async function see(db: Kysely<NodesTables>, macs: SeenMac[]): Promise<NodeId[]> {
  if (macs.length === 0) return [];
  const ids = macs.map(({ node_id }) => node_id);
  const rows = await db
    .selectFrom("nodes")
    .select(["id", "instance", "revoked_at", "vitals"])
    .where("id", "in", ids)
    .execute();
  // Thousands every four seconds: nothing is looked for in a list.
  const known = new Map(rows.map((row) => [row.id, row]));
  const isGood = ({ node_id, instance }: MacProcess) => {
    const row = known.get(node_id);
    return row?.instance === instance && row.revoked_at === null;
  };
  const now = Date.now();
  const presence = { online_until: now + PRESENT_FOR_MS, last_seen_at: new Date(now).toISOString() };
  // Most have not changed, and of those that have many are alike: tenths of load, and a battery or none.
  const alike = Map.groupBy(macs.filter(isGood), (mac) =>
    changedVitals(known.get(mac.node_id)?.vitals ?? null, mac),
  );
  for (const [vitals, group] of alike)
    await db
      .updateTable("nodes")
      .set({ ...presence, ...(vitals === undefined ? {} : { vitals }) })
      .where(
        "id",
        "in",
        group.map(({ node_id }) => node_id),
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
