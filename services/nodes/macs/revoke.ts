// The end of a Mac: in the registry first, so that it gets nothing any more; then hubs hear of it, and nats-server closes its connection.
import type { NodeId, UserId } from "../../../contracts/ids.ts";
import { NODE_REVOKED, type NodeRevoked } from "../../../contracts/signals.ts";
import { within } from "../../../lib/cluster/within.ts";
import { type Author, authorOf, type Rooms } from "../rooms.ts";
import { type MacRow, ownMacs } from "./mac-rows.ts";

/** nats-server that does not answer keeps nobody waiting: it is told as soon as it does. */
const PUSH_MS = 3_000;

/** May be repeated. Answers when nats-server knows, if it can be told now. */
export async function revokeMac(
  rooms: Rooms,
  mac: Pick<MacRow, "id" | "owner_id" | "instance">,
  author: Author,
): Promise<void> {
  await rooms.ports.moments.run(() => end(rooms, mac, author));
  await tellRevoked(rooms, [mac.id]);
}

/** All Macs of a user, and all that was shared with him. What is kept of them is their keys. May be repeated. */
export async function removeMacsOf(rooms: Rooms, user: UserId): Promise<void> {
  const { database, ports } = rooms;
  const macs = await ownMacs(database, user);
  await ports.moments.run(async () => {
    for (const mac of macs) await end(rooms, mac, "system");
    await database
      .updateTable("nodes")
      .set({ name: "", labels: "{}", description: null, problem: null, vitals: null })
      .where("owner_id", "=", user)
      .execute();
    await database.deleteFrom("node_pairings").where("user_id", "=", user).execute();
    await database.deleteFrom("node_shares").where("user_id", "=", user).execute();
    await database.deleteFrom("node_acceptances").where("user_id", "=", user).execute();
  });
  await tellRevoked(
    rooms,
    macs.map(({ id }) => id),
  );
}

/** The operations of the moment. */
async function end(
  { database, ports, tell }: Rooms,
  { id, owner_id, instance }: Pick<MacRow, "id" | "owner_id" | "instance">,
  author: Author,
): Promise<void> {
  await database
    .updateTable("nodes")
    .set({ revoked_at: new Date().toISOString(), online_until: 0, instance: null })
    .where("id", "=", id)
    .where("revoked_at", "is", null)
    .execute();
  await database.deleteFrom("node_shares").where("node_id", "=", id).execute();
  await database.deleteFrom("node_acceptances").where("node_id", "=", id).execute();
  await ports.audit.append({
    ...{ subject: id, entry: "node.revoked", user_id: owner_id, details: authorOf(author) },
  });
  await tell("node.left", { node_id: id, process: instance ?? id }, { once: `${id}:revoked` });
}

async function tellRevoked({ ports, edge }: Rooms, ids: NodeId[]): Promise<void> {
  for (const node_id of ids) ports.signals.publish(NODE_REVOKED, { node_id } satisfies NodeRevoked);
  if (edge && ids.length > 0) await within(PUSH_MS, edge.claims.push(), false);
}
