// For whom the agent calls other services when the request that brought a run is long over.
import type { Caller } from "../../contracts/access.ts";
import { SYSTEM } from "../../lib/broker/action.ts";
import { type AppError, isType } from "../../lib/errors.ts";
import type { AgentContext } from "./context.ts";
import type { RunDocument } from "./run-document.ts";

/**
 * The run's user as a caller, with the rights of the key that asked for it, if one did, and never with more.
 * @returns besides, why the run may not go on: its user is gone or disabled. It must end all the same, as that user's.
 */
export async function callerOf(
  { ask }: AgentContext,
  { user_id, key_id }: Pick<RunDocument, "user_id" | "key_id">,
): Promise<{ caller: Caller; refused?: AppError }> {
  try {
    return { caller: await ask(SYSTEM, "users.callerOf", { user_id, key_id }) };
  } catch (thrown) {
    if (!isType(thrown, "user_not_found", "account_disabled")) throw thrown;
    return { caller: withoutRights(user_id), refused: thrown as AppError };
  }
}

/** A caller for ending what is a user's own, whose account need not be there any more: not the user, for the audit trail. */
export const withoutRights = (user_id: Caller["user_id"]): Caller => ({
  user_id,
  role: "free_user",
  plan: "",
  scopes: "all",
  service: "agent",
});
