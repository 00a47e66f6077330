// Ends the runs of an account that was disabled or lost its admin rights: they were begun with rights that are gone. Of one that is
// disabled the Macs are cut off behind that: what ran there was told to end.
import type { UserId } from "../../../contracts/ids.ts";
import { announceChange, askService, type Rooms } from "../rooms.ts";
import { findUser } from "../store/users.ts";

const QUEUE = "end-runs";
const SERVICES_WAIT_MS = 20_000;

/** Durable when it answers; in a moment, with the moment. Done right after. */
export function endRuns(rooms: Rooms, user: UserId): Promise<void> {
  return rooms.ports.work.add({ queue: QUEUE, payload: { user_id: user } });
}

/** Handles what `endRuns` lays ready, from now on. */
export function startEndingRuns(rooms: Rooms): void {
  rooms.ports.work.handle(QUEUE, async ({ payload }) => {
    const { user_id } = payload as { user_id: UserId };
    const user = await findUser(rooms.database, user_id);
    if (!user) return;
    await rooms.broker.waitForServices(["agent", "nodes"], SERVICES_WAIT_MS);
    // Before they are looked for: a run that is being accepted is not found, and asks for its rights itself when it hears of this.
    announceChange(rooms, user_id);
    await askService(rooms, user, "agent.cancelRuns", { user_id });
    if (user.is_disabled !== 0) await askService(rooms, user, "nodes.cutOffUser", { user_id });
  });
}
