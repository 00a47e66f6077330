// The account says which plan a user has and which limits of its own; the quota service follows. Durable work, repeated until it
// has: a time-out undoes nothing, and what the account says in the end is what holds.
import type { UserId } from "../../../contracts/ids.ts";
import { toError } from "../../../lib/errors.ts";
import { askService, type Rooms } from "../rooms.ts";
import { findUser, ownLimitsOf } from "../store/users.ts";

const QUEUE = "follow-plan";
const QUOTA_WAIT_MS = 20_000;
/** When it is done again in any case: what failed or crashed meanwhile is made up for. */
const AGAIN_MS = 10_000;

/** Handles what `layPlanReady` has laid ready, from now on. */
export function startFollowingPlans(rooms: Rooms): void {
  rooms.ports.work.handle(QUEUE, async ({ payload }) => {
    await rooms.broker.waitForServices("quota", QUOTA_WAIT_MS);
    await followPlan(rooms, (payload as { user_id: UserId }).user_id);
  });
}

/** Call it in the moment that changes the account's plan or limits. @param inMs when it is done by itself */
export function layPlanReady(rooms: Rooms, user: UserId, inMs = AGAIN_MS): Promise<void> {
  return rooms.ports.work.add({
    queue: QUEUE,
    payload: { user_id: user },
    key: user,
    runAt: Date.now() + inMs,
  });
}

/** Does at once what is laid ready, so that the change holds when it is answered; where that fails, the work does it. */
export async function followPlanNow(rooms: Rooms, user: UserId): Promise<void> {
  try {
    await followPlan(rooms, user);
  } catch (error: unknown) {
    rooms.log.warn({ err: toError(error), user_id: user }, "the quota service follows a changed plan later");
  }
}

/** May run twice and at the same time: whoever comes last looks whether the account has changed meanwhile. */
async function followPlan(rooms: Rooms, id: UserId): Promise<void> {
  let user = await findUser(rooms.database, id);
  while (user?.state === "active") {
    const { plan, limits } = user;
    await askService(rooms, user, "quota.subscribe", { user_id: id, plan, limits: ownLimitsOf(user) });
    user = await findUser(rooms.database, id);
    if (user?.plan === plan && user.limits === limits) return;
  }
}
