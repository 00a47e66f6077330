// All Macs of an installation, for whoever runs it: who has them, whether they are there, and the end of one. Nothing of what is on them.
import type { NodeId } from "../../../contracts/ids.ts";
import type { AdminMac } from "../../../contracts/nodes.ts";
import { callAs, SYSTEM } from "../../../lib/broker/action.ts";
import { AppError } from "../../../lib/errors.ts";
import type { Author, Rooms } from "../rooms.ts";
import { findMac, macsOf } from "./mac-rows.ts";
import { revokeMac } from "./revoke.ts";
import { macView } from "./views.ts";

/** But for those that are revoked; the oldest first. */
export async function allMacs({ broker, database }: Pick<Rooms, "broker" | "database">): Promise<AdminMac[]> {
  const query = database.selectFrom("nodes").selectAll().where("revoked_at", "is", null);
  const macs = await macsOf(query.orderBy("created_at").orderBy("id"));
  const node_ids = macs.map(({ id }) => id);
  const lengths = await callAs(broker, "nodes", SYSTEM, "tools.queueLengths", { node_ids });
  return macs.map((mac) => {
    const { tools, ...view } = macView(mac);
    return { ...view, owner_id: mac.owner_id, tool_count: tools.length, queue_length: lengths[mac.id] ?? 0 };
  });
}

/** As its owner would. May be repeated. @throws node_not_found */
export async function revokeAny(rooms: Rooms, id: NodeId, author: Author): Promise<void> {
  const mac = await findMac(rooms.database, id);
  if (!mac) throw new AppError("node_not_found", `There is no Mac "${id}".`);
  await revokeMac(rooms, mac, author);
}
