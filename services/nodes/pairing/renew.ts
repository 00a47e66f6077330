// What opens the edge to a Mac for half an hour, given to whoever has its key.
import type { z } from "zod";
import type { NodeId, UserId } from "../../../contracts/ids.ts";
import { type EdgeCredentials, renewMessage, type renewParams } from "../../../contracts/pairing.ts";
import { callAs, SYSTEM } from "../../../lib/broker/action.ts";
import { RETURN_MS } from "../../../lib/edge/keys/edge-signer.ts";
import { AppError, isType } from "../../../lib/errors.ts";
import { revokedError } from "../macs/mac-rows.ts";
import { edgeOf, type Rooms } from "../rooms.ts";
import { requireSignedByMac } from "./signed-by-mac.ts";

/**
 * @param address the client's real one, for the limits
 * @throws edge_off, node_not_found (also where the signature is another's), clock_differs, node_revoked, node_cut_off,
 *   account_disabled, too_many_pairings
 */
export async function renew(
  rooms: Rooms,
  given: z.output<typeof renewParams>,
  address: string,
): Promise<EdgeCredentials> {
  edgeOf(rooms);
  await requireSignedByMac(rooms, given, renewMessage(given.id, given.issued_at), address);
  return credentialsFor(rooms, given.id);
}

/** For whoever has proved to have the key of the Mac. @throws as `renew` */
export async function credentialsFor(rooms: Rooms, id: NodeId): Promise<EdgeCredentials> {
  await rooms.guesses.askedForCredentials(id);
  const row = await rooms.database.selectFrom("nodes").selectAll().where("id", "=", id).executeTakeFirst();
  if (!row?.public_key || row.owner_id === null || row.revoked_at !== null) throw revokedError();
  await requireOwner(rooms, row.owner_id as UserId);
  const returnsAt = Number(row.cut_off_at) + RETURN_MS;
  if (returnsAt > Date.now())
    throw new AppError("node_cut_off", `This Mac is kept away for a minute: ${row.problem ?? ""}.`, {
      retryAfterMs: returnsAt - Date.now(),
    });
  return edgeOf(rooms).credentialsOf({ id, name: row.name, public_key: row.public_key });
}

/** @throws account_disabled, node_revoked where the account is gone */
async function requireOwner({ broker }: Rooms, user_id: UserId): Promise<void> {
  try {
    await callAs(broker, "nodes", SYSTEM, "users.callerOf", { user_id });
  } catch (thrown) {
    throw isType(thrown, "user_not_found") ? revokedError() : thrown;
  }
}
