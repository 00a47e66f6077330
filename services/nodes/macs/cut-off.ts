// Keeps a Mac away for a minute: what was signed for it until now opens nothing any more, and it gets nothing new for so long.
import type { z } from "zod";
import type { cutOffParams } from "../../../contracts/nodes.ts";
import { within } from "../../../lib/cluster/within.ts";
import type { Rooms } from "../rooms.ts";
import { findMac } from "./mac-rows.ts";

/** Several hubs may say it at once. */
const ONCE_MS = 10_000;
const PUSH_MS = 3_000;

/** May be repeated. A machine that is no Mac, or is revoked, is left as it is. */
export async function cutOff(
  { database, ports, edge }: Rooms,
  { node_id, reason }: z.output<typeof cutOffParams>,
): Promise<void> {
  const mac = await findMac(database, node_id);
  if (!mac || mac.revoked_at !== null) return;
  const now = Date.now();
  await ports.moments.run(async () => {
    const { numUpdatedRows } = await database
      .updateTable("nodes")
      .set({ cut_off_at: now, problem: reason, online_until: 0, instance: null })
      .where("id", "=", node_id)
      .where("revoked_at", "is", null)
      .where("cut_off_at", "<", now - ONCE_MS)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return;
    await ports.audit.append({
      ...{ subject: node_id, entry: `node.cut_off ${now}`, user_id: mac.owner_id },
      details: { by: "system", reason },
    });
  });
  if (edge) await within(PUSH_MS, edge.claims.push(), false);
}
