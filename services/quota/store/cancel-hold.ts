// Takes back a reservation whose run was refused after all: it does not count.
import type { RunId } from "../../../contracts/ids.ts";
import type { Rooms } from "../rooms.ts";

/** Harmless to repeat; what was settled stays. */
export async function cancelHold(rooms: Rooms, run: RunId): Promise<void> {
  await rooms.db.deleteFrom("holds").where("run_id", "=", run).execute();
}
