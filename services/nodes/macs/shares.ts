// Sharing a Mac: its owner names people and what of its tools they may use. What is told of it is what the owner has said: whether an
// address has an account is nobody's to know.
import type { Caller } from "../../../contracts/access.ts";
import type { NodeId, UserId } from "../../../contracts/ids.ts";
import type { Grant } from "../../../contracts/nodes.ts";
import type { Share } from "../../../contracts/shares.ts";
import { hashOf } from "../../../lib/canonical-json.ts";
import { newId } from "../../../lib/ids.ts";
import { holdLock } from "../../../lib/sql.ts";
import { authorOf, findUsers, type Rooms } from "../rooms.ts";
import type { Database, NodesTables, ShareRow } from "../tables.ts";
import { type MacRow, macsOf } from "./mac-rows.ts";

/** A Mac that somebody else shares; `isAccepted`: the one it is shared with has said that it is welcome. */
export type SharedMac = MacRow & { grants: Grant[]; isAccepted: boolean };

export async function readShares(database: Database, id: NodeId): Promise<Share[]> {
  const rows = await database
    .selectFrom("node_shares")
    .select("share")
    .where("node_id", "=", id)
    .orderBy("place")
    .execute();
  return rows.map(({ share }) => JSON.parse(share) as Share);
}

/** Replaces all that is shared of it. They are found now: an account that somebody makes later under an address gets nothing. */
export async function replaceShares(
  rooms: Rooms,
  caller: Caller,
  mac: Pick<MacRow, "id">,
  shares: Share[],
): Promise<void> {
  const { database, ports } = rooms;
  const rowsOf = await finder(rooms, shares);
  await ports.moments.run(async () => {
    await database.transaction().execute(async (transaction) => {
      await holdLock<NodesTables>(transaction, `shares ${mac.id}`);
      await transaction.deleteFrom("node_shares").where("node_id", "=", mac.id).execute();
      const rows = shares.map(
        (share, place): ShareRow => ({
          ...{ node_id: mac.id, place, user_id: rowsOf(share), share: JSON.stringify(share) },
        }),
      );
      if (rows.length > 0) await transaction.insertInto("node_shares").values(rows).execute();
    });
    await ports.audit.append({
      ...{ subject: mac.id, entry: `node.shared ${newId("event")}`, user_id: caller.user_id },
      details: { ...authorOf(caller), grants: shares.length, grants_sha256: hashOf(shares) },
    });
  });
}

async function finder(rooms: Rooms, shares: Share[]): Promise<(share: Share) => string | null> {
  const users = await findUsers(rooms, {
    ids: shares.flatMap(({ user_id }) => user_id ?? []),
    emails: shares.flatMap(({ email }) => email ?? []),
  });
  const byEmail = new Map(users.map(({ id, email }) => [email, id]));
  const ids = new Set(users.map(({ id }) => id));
  return ({ email, user_id = "" as UserId }) =>
    (email === undefined ? (ids.has(user_id) ? user_id : undefined) : byEmail.get(email)) ?? null;
}

/** Macs of others of which the user may use something, the oldest first. */
export async function sharedMacs(database: Database, user: UserId): Promise<SharedMac[]> {
  const shares = await database
    .selectFrom("node_shares")
    .select(["node_id", "share"])
    .where("user_id", "=", user)
    .execute();
  const byNode = Map.groupBy(shares, ({ node_id }) => node_id);
  const ids = [...byNode.keys()];
  if (ids.length === 0) return [];
  const accepted = await database
    .selectFrom("node_acceptances")
    .select("node_id")
    .where("user_id", "=", user)
    .execute();
  const welcome = new Set(accepted.map(({ node_id }) => node_id));
  const macs = await macsOf(
    database
      .selectFrom("nodes")
      .selectAll()
      .where("id", "in", ids)
      .where("owner_id", "!=", user)
      .where("revoked_at", "is", null)
      .orderBy("created_at")
      .orderBy("id"),
  );
  return macs
    .map((mac) => ({
      ...mac,
      grants: (byNode.get(mac.id) ?? []).map(grantOf),
      isAccepted: welcome.has(mac.id),
    }))
    .filter(({ grants }) => grants.some(({ decision }) => decision === "allow"));
}

function grantOf({ share }: Pick<NodesTables["node_shares"], "share">): Grant {
  const { email: _email, user_id: _user, ...grant } = JSON.parse(share) as Share;
  return grant as Grant;
}
