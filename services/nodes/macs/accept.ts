// Whether a shared Mac is welcome: anybody can share one with anybody, and its tools and their words would else reach the models of people
// who have never asked for it, and their calls its owner.
import type { Caller } from "../../../contracts/access.ts";
import type { NodeId } from "../../../contracts/ids.ts";
import { AppError } from "../../../lib/errors.ts";
import { authorOf, type Rooms } from "../rooms.ts";
import { sharedMacs } from "./shares.ts";

/** From now on it is one of the caller's machines, as far as it is shared. May be repeated. @throws node_not_found */
export async function acceptShare({ database, ports }: Rooms, caller: Caller, id: NodeId): Promise<void> {
  await requireShared({ database }, caller, id);
  const accepted_at = new Date().toISOString();
  await ports.moments.run(async () => {
    const { numInsertedOrUpdatedRows } = await database
      .insertInto("node_acceptances")
      .values({ node_id: id, user_id: caller.user_id, accepted_at })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if (!numInsertedOrUpdatedRows) return;
    await ports.audit.append({
      ...{ subject: id, entry: `node.accepted ${accepted_at}`, user_id: caller.user_id },
      details: authorOf(caller),
    });
  });
}

/** It is none of the caller's machines any more, and not offered either, until it is shared anew. @throws node_not_found */
export async function declineShare({ database, ports }: Rooms, caller: Caller, id: NodeId): Promise<void> {
  await requireShared({ database }, caller, id);
  const { user_id } = caller;
  await ports.moments.run(async () => {
    for (const table of ["node_acceptances", "node_shares"] as const)
      await database.deleteFrom(table).where("node_id", "=", id).where("user_id", "=", user_id).execute();
    await ports.audit.append({
      ...{ subject: id, entry: `node.declined ${new Date().toISOString()}`, user_id },
      details: authorOf(caller),
    });
  });
}

async function requireShared({ database }: Pick<Rooms, "database">, { user_id }: Caller, id: NodeId) {
  const isShared = (await sharedMacs(database, user_id)).some((mac) => mac.id === id);
  if (!isShared) throw new AppError("node_not_found", `Nobody shares a machine "${id}" with you.`);
}
