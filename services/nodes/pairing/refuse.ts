// The user says that the Mac which has used the code is not theirs, or that they want it no more: the pairing is over at once.
import type { Caller } from "../../../contracts/access.ts";
import type { PairingId } from "../../../contracts/ids.ts";
import { AppError } from "../../../lib/errors.ts";
import { keyFingerprint } from "../../../lib/key-fingerprint.ts";
import { authorOf, type Rooms } from "../rooms.ts";
import { isExpired, requirePairing } from "./pairing-rows.ts";

/** Harmless to repeat. @throws pairing_not_found; conflict when it was confirmed: then its machine is revoked */
export async function refusePairing(
  { database, ports }: Pick<Rooms, "database" | "ports">,
  caller: Caller,
  id: PairingId,
): Promise<void> {
  const row = await requirePairing(database, caller, id);
  if (isExpired(row)) return;
  await ports.moments.run(async () => {
    // Whoever has the code is told that it has expired, as of any other that is over.
    const { numUpdatedRows } = await database
      .updateTable("node_pairings")
      .set({ expires_at: Date.now() })
      .where("id", "=", id)
      .where("confirmed_at", "=", 0)
      .executeTakeFirst();
    if (numUpdatedRows !== 1n)
      throw new AppError("conflict", "This pairing was confirmed: revoke the machine that came of it.");
    const { public_key } = row;
    await ports.audit.append({
      ...{ subject: row.node_id, entry: "pairing.refused", user_id: caller.user_id },
      details: {
        ...{ ...authorOf(caller), pairing_id: id },
        ...(public_key === null ? {} : { fingerprint: keyFingerprint(public_key) }),
      },
    });
  });
}
