// A Mac leaves: it revokes itself.
import type { z } from "zod";
import { leaveMessage, type leaveParams } from "../../../contracts/pairing.ts";
import { requireSignedByMac } from "../pairing/signed-by-mac.ts";
import type { Rooms } from "../rooms.ts";
import { findMac } from "./mac-rows.ts";
import { revokeMac } from "./revoke.ts";

/** May be repeated. @throws node_not_found, clock_differs, too_many_pairings */
export async function leave(
  rooms: Rooms,
  given: z.output<typeof leaveParams>,
  address: string,
): Promise<void> {
  await requireSignedByMac(rooms, given, leaveMessage(given.id, given.issued_at), address);
  const mac = await findMac(rooms.database, given.id);
  if (mac) await revokeMac(rooms, mac, "self");
}
