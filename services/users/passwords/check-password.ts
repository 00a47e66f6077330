// Compares a password somebody gave with an account's, within the limits on guessing. Used by login and by whatever asks for
// the current password.
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
  const end = await rooms.attempts.begin(email, address);
  try {
    const fits = await rooms.passwords.verify(password, hash);
    await end(fits ? "right" : "wrong");
    return fits;
  } catch (error: unknown) {
    await end("undecided");
    throw error;
  }
}

/** Passes when `given` is the account's password. @throws wrong_password, too_many_attempts, hashing_busy */
export async function requirePassword(
  rooms: Rooms,
  user: UserRow,
  given: string | undefined,
  address: string,
): Promise<void> {
  if (user.password_hash === null)
    throw new AppError("wrong_password", "The account has no password yet: set one first.");
  const fits = await checkPassword(rooms, { email: user.email, address }, given ?? "", user.password_hash);
  if (!fits)
    throw new AppError("wrong_password", "The current password is wrong: give the one you log in with.");
}
