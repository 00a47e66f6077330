// Compares a password somebody gave with an account's, within the limits on guessing. Used by login and by whatever asks for
// the current password.
import type { Caller } from "../../../contracts/access.ts";
import { requireAllRights } from "../../../lib/broker/authorization.ts";
import { AppError } from "../../../lib/errors.ts";
import type { Rooms } from "../rooms.ts";
import type { UserRow } from "../store/tables.ts";

/**
 * Whether the password fits; a wrong one counts as a failed attempt.
 * @param hash of the account, null when there is none: takes the same time and is never right
 * @throws too_many_attempts, hashing_busy
 */
export async function checkPassword(
  rooms: Rooms,
  { email, address }: { email: string; address: string },
  password: string,
  hash: string | null,
): Promise<boolean> {
  const attempt = await rooms.attempts.begin(email, address);
  try {
    const asker = { address, urgency: attempt.isKnown ? "known" : "login" } as const;
    const fits = await rooms.passwords.verify(password, hash, asker);
    await attempt.end(fits ? "right" : "wrong");
    return fits;
  } catch (error: unknown) {
    await attempt.end("undecided");
    throw error;
  }
}

/**
 * Passes whoever may do what only the account's own person may (a new password, the end of the account). There is one rule: with a
 * password it must be given; an account without one (the owner's, until it sets one) has nothing to give, so nothing is taken, and
 * the credential must have all rights.
 * @param what begins the sentence that says so
 * @throws invalid_request when it is missing, wrong_password, scope_missing, too_many_attempts, hashing_busy
 */
export async function requireSelf(
  rooms: Rooms,
  { user, caller, address }: { user: UserRow; caller: Caller; address: string },
  given: string | undefined,
  what: string,
): Promise<void> {
  if (user.password_hash === null) {
    if (given !== undefined)
      throw new AppError("wrong_password", 'The account has no password: leave "current_password" out.');
    return requireAllRights(caller, `${what} of an account that has no password`);
  }
  if (given === undefined) {
    const message = `is needed: ${what.toLowerCase()} is asked for with the password`;
    throw new AppError("invalid_request", `"current_password" ${message}.`, {
      errors: [{ path: "current_password", message }],
    });
  }
  const fits = await checkPassword(rooms, { email: user.email, address }, given, user.password_hash);
  if (!fits)
    throw new AppError("wrong_password", "The current password is wrong: give the one you log in with.");
}

/**
 * A check takes a while. What was proved by a password that somebody has changed meanwhile is not proved: of two at once the first
 * counts. Call it in the transaction that relies on the proof.
 * @throws wrong_password
 */
export function requireSamePassword(then: UserRow, now: UserRow): void {
  if (then.password_hash !== now.password_hash)
    throw new AppError("wrong_password", "The password was changed meanwhile: give the new one.");
}
