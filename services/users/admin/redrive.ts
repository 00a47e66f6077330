// An admin lets work wait again that was given up.
import type { Caller } from "../../../contracts/access.ts";
import { AppError } from "../../../lib/errors.ts";
import { newId } from "../../../lib/ids.ts";
import type { Rooms } from "../rooms.ts";

/** @throws not_found when there is no such dead letter */
export async function redrive({ ports }: Rooms, { user_id, key_id }: Caller, id: string): Promise<void> {
  await ports.moments.run(async () => {
    if (!(await ports.work.redrive(id))) throw new AppError("not_found", `There is no dead letter "${id}".`);
    const details = { by: user_id, ...(key_id ? { by_key: key_id } : {}) };
    await ports.audit.append({ subject: id, entry: `work.redriven ${newId("event")}`, user_id, details });
  });
}
