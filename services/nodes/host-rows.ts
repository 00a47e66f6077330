// Rows of the machines of the core: the one that everything runs on, or those with `SERVICES=node` in a cluster.
import type { Kysely } from "kysely";
import type { NodeId } from "../../contracts/ids.ts";
import type { NodeDescription } from "../../contracts/tools.ts";
import { newId } from "../../lib/ids.ts";
import { type NodeRow, type NodesTables, rowOf } from "./tables.ts";

export type HostRow = NodeRow & { machine: string | null };

/** All there ever were, the oldest first. */
export async function readHosts(db: Kysely<NodesTables>): Promise<HostRow[]> {
  const rows = await db
    .selectFrom("nodes")
    .selectAll()
    .where("is_host", "=", 1)
    .orderBy("created_at")
    .orderBy("id")
    .execute();
  return rows.map((row) => ({ ...rowOf(row), machine: row.machine }));
}

/** The machine of a server that is alone: there is no other one to tell it from. */
export const ALONE = "alone";

/**
 * The machine's row, made when it is met first, so that its id stays. Several processes may at once, also in moments that are not durable
 * yet: the first one's stays. A row from before there were several machines, or of a server that was alone before it was moved into this
 * cluster, becomes the row of the first that is met.
 */
export async function ensureHost(db: Kysely<NodesTables>, machine: string, name: string): Promise<HostRow> {
  const hosts = await readHosts(db);
  const known = hosts.find((host) => host.machine === machine);
  if (known) return known;
  const unnamed = hosts.find((host) => host.machine === null || host.machine === ALONE);
  if (unnamed)
    await db
      .updateTable("nodes")
      .set({ machine })
      .where("id", "=", unnamed.id)
      .where((where) => where.or([where("machine", "is", null), where("machine", "=", ALONE)]))
      .execute();
  else
    await db
      .insertInto("nodes")
      .values({
        ...{ id: newId<NodeId>("node"), name, labels: "{}", is_host: 1, machine },
        ...{ created_at: new Date().toISOString(), description: null, last_seen_at: null },
        ...{ owner_id: null, public_key: null, instance: null, online_until: 0, revoked_at: null },
        ...{ cut_off_at: 0, problem: null, vitals: null },
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  return ensureHost(db, machine, name);
}

/** What is known of a machine that is away. */
export async function keepDescription(
  db: Kysely<NodesTables>,
  id: NodeId,
  description: NodeDescription,
): Promise<void> {
  const said = { description: JSON.stringify(description), last_seen_at: new Date().toISOString() };
  await db.updateTable("nodes").set(said).where("id", "=", id).execute();
}
