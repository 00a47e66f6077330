// The Macs of an installation, for whoever runs it: who has them, whether they are there, and the end of one. Nothing of what is on them.
import type { z } from "zod";
import type { ResultOf } from "../../../contracts/actions.ts";
import type { NodeId } from "../../../contracts/ids.ts";
import type { AdminNode, adminListNodesParams } from "../../../contracts/nodes.ts";
import type { FoundUser } from "../../../contracts/users.ts";
import { callAs, SYSTEM } from "../../../lib/broker/action.ts";
import { isPassing } from "../../../lib/broker/bus-errors.ts";
import { AppError } from "../../../lib/errors.ts";
import type { Freezes } from "../freezes/freezes.ts";
import { type Author, findUsers, type Rooms } from "../rooms.ts";
import { findMac, type MacRow, macsOf } from "./mac-rows.ts";
import { revokeMac } from "./revoke.ts";
import { macView } from "./views.ts";

/**
 * But for those that are revoked; the oldest first, which is the order of ids. A cursor that names nothing simply stands where it stands
 * in the order.
 */
export async function adminListMacs(
  rooms: Rooms,
  freezes: Pick<Freezes, "now">,
  { user_id, limit, cursor }: z.output<typeof adminListNodesParams>,
): Promise<ResultOf<"nodes.adminList">> {
  const query = rooms.database
    .selectFrom("nodes")
    .selectAll()
    .where("is_host", "=", 0)
    .where("revoked_at", "is", null)
    .$if(user_id !== undefined, (all) => all.where("owner_id", "=", user_id ?? null))
    .$if(cursor !== undefined, (all) => all.where("id", ">", cursor ?? ""))
    .orderBy("id")
    .limit(limit + 1);
  const macs = await macsOf(query);
  const page = macs.slice(0, limit);
  return {
    nodes: await shown(rooms, freezes, page),
    next_cursor: macs.length > limit ? (page.at(-1)?.id ?? null) : null,
  };
}

async function shown(rooms: Rooms, freezes: Pick<Freezes, "now">, macs: MacRow[]): Promise<AdminNode[]> {
  if (macs.length === 0) return [];
  const node_ids = macs.map(({ id }) => id);
  const [lengths, owners, frozen] = await Promise.all([
    callAs(rooms.broker, "nodes", SYSTEM, "tools.queueLengths", { node_ids }),
    ownersOf(rooms, macs),
    freezes.now(),
  ]);
  const emails = new Map(owners.map(({ id, email }) => [id as string, email]));
  return macs.map((mac) => {
    const { tools, ...view } = macView(mac);
    const freeze = frozen(mac, view.frozen_since);
    return {
      ...view,
      ...(freeze ? { frozen: true, frozen_since: freeze.since, frozen_by: freeze.by } : {}),
      owner_id: mac.owner_id,
      owner_email: emails.get(mac.owner_id) ?? null,
      tool_count: tools.length,
      queue_length: lengths[mac.id] ?? 0,
    };
  });
}

/** Nobody, where that cannot be told now: whose a Mac is stands in its entry. */
async function ownersOf(rooms: Rooms, macs: MacRow[]): Promise<FoundUser[]> {
  const ids = [...new Set(macs.map(({ owner_id }) => owner_id))];
  return findUsers(rooms, { ids }).catch((thrown: unknown) => {
    if (isPassing(thrown)) return [];
    throw thrown;
  });
}

/** As its owner would. May be repeated. @throws node_not_found */
export async function revokeAny(rooms: Rooms, id: NodeId, author: Author): Promise<void> {
  const mac = await findMac(rooms.database, id);
  if (!mac) throw new AppError("node_not_found", `There is no Mac "${id}".`);
  await revokeMac(rooms, mac, author);
}
