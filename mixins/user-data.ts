// A service that keeps data of users: the internal action `removeUser`, by which the saga of services/users removes an account.
import type { Service } from "moleculer";
import type { ActionName } from "../contracts/actions.ts";
import type { UserId } from "../contracts/ids.ts";
import { userParams } from "../contracts/users.ts";
import { action } from "../lib/broker/action.ts";
import { defineMixin, type Mixin } from "../lib/broker/mixin.ts";

type Options<This> = {
  /** Removes what is the user's; safe to repeat. Their runs have ended, or end now. */
  remove(this: This, user: UserId): Promise<void>;
  /** Milliseconds the removal may take, where the broker's request timeout is too short. */
  timeout?: number;
};

/** Adds the action `<service>.removeUser`, for core services only; it may come more than once for a user. */
export function userData<This extends Service>({ remove, timeout }: Options<This>): Mixin {
  return defineMixin({
    actions: {
      removeUser: action<Extract<ActionName, `${string}.removeUser`>, This>({
        access: { kind: "internal" },
        input: userParams,
        ...(timeout === undefined ? {} : { timeout }),
        async handler(this: This, { user_id }) {
          await remove.call(this, user_id);
          return null;
        },
      }),
    },
  });
}
