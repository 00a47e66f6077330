// For whom a run works when the request that brought it is long over. An account that was disabled or is going away works
// no more: its runs end as cancelled, or they would stay open for ever (G4).
import type { Caller } from "../../../contracts/access.ts";
import { callAs, SYSTEM } from "../../../lib/broker/call.ts";
import { isType } from "../../../lib/errors.ts";
import { requestCancel } from "../journal/request-cancel.ts";
import type { Rooms } from "../rooms.ts";
import type { RunDocument } from "../run-document.ts";

/** The run's user, fresh from its account, and whether the run is cancelled: before, or by this, because of the account. */
export async function callerOfRun(
  rooms: Rooms,
  run: RunDocument,
): Promise<{ caller: Caller; isCancelled: boolean }> {
  const { user_id } = run;
  try {
    const caller = await callAs(rooms.broker, "agent", SYSTEM, "users.callerOf", { user_id });
    return { caller, isCancelled: run.cancel_requested };
  } catch (error) {
    if (!isType(error, "account_disabled", "user_not_found")) throw error;
    await requestCancel(rooms, run._id);
    return { caller: withoutRights(user_id), isCancelled: true };
  }
}

/** A caller for ending what is a user's own, whose account need not be there any more. */
export const withoutRights = (user_id: Caller["user_id"]): Caller => ({
  user_id,
  role: "free_user",
  plan: "",
  scopes: "all",
});
