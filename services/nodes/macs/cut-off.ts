// Keeps a Mac away for a minute: what was signed for it until now opens nothing any more, and it gets nothing new for so long.
import type { z } from "zod";
import type { UserId } from "../../../contracts/ids.ts";
import type { cutOffParams } from "../../../contracts/nodes.ts";
import { within } from "../../../lib/cluster/within.ts";
import type { Rooms } from "../rooms.ts";
import { findMac, type MacRow, ownMacs } from "./mac-rows.ts";

/** Several hubs may say it at once. */
const ONCE_MS = 10_000;
const PUSH_MS = 3_000;

/** Why those of a user whose account is disabled are kept away: they get nothing new before it is enabled again. */
const DISABLED = "the account of its owner is disabled";

/** May be repeated. A machine that is no Mac, or is revoked, is left as it is. */
export async function cutOff(
  rooms: Rooms,
  { node_id, reason }: z.output<typeof cutOffParams>,
): Promise<void> {
  const mac = await findMac(rooms.database, node_id);
  if (!mac || mac.revoked_at !== null) return;
  await keepAway(rooms, mac, reason);
  await tell(rooms);
}

/** All Macs of a user, each of which may come back when the account is enabled again. May be repeated. */
export async function cutOffMacsOf(rooms: Rooms, user: UserId): Promise<void> {
  const macs = await ownMacs(rooms.database, user);
  for (const mac of macs) await keepAway(rooms, mac, DISABLED);
  if (macs.length > 0) await tell(rooms);
}

async function keepAway({ database, ports }: Rooms, mac: MacRow, reason: string): Promise<void> {
  const now = Date.now();
  await ports.moments.run(async () => {
    const { numUpdatedRows } = await database
      .updateTable("nodes")
      .set({ cut_off_at: now, problem: reason, online_until: 0, instance: null })
      .where("id", "=", mac.id)
      .where("revoked_at", "is", null)
      .where("cut_off_at", "<", now - ONCE_MS)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return;
    await ports.audit.append({
      ...{ subject: mac.id, entry: `node.cut_off ${now}`, user_id: mac.owner_id },
      details: { by: "system", reason },
    });
  });
}

async function tell({ edge }: Rooms): Promise<void> {
  if (edge) await within(PUSH_MS, edge.claims.push(), false);
}
