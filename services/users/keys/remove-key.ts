// Removes an API key; it stops to work at once.
import type { Caller } from "../../../contracts/access.ts";
import type { KeyId } from "../../../contracts/ids.ts";
import { AppError } from "../../../lib/errors.ts";
import { auditAccount } from "../audit-account.ts";
import { announceChange, type Rooms } from "../rooms.ts";
import { deleteKey } from "../store/api-keys.ts";

/** @throws key_not_found, also for a key of somebody else */
export async function removeKey(rooms: Rooms, caller: Caller, id: KeyId): Promise<void> {
  await rooms.ports.moments.run(async () => {
    if (!(await deleteKey(rooms.database, caller.user_id, id)))
      throw new AppError("key_not_found", `You have no API key "${id}".`);
    await auditAccount(rooms, caller.user_id, "key.removed", caller, { key_id: id });
  });
  announceChange(rooms, caller.user_id);
}
