// Stores a new account.
import { AppError } from "../../../lib/errors.ts";
import type { Database } from "./database.ts";
import type { UserRow } from "./tables.ts";

/** Throws `email_taken` when another account, also a half made or half removed one, has the address. */
export async function insertUser(database: Database, user: UserRow): Promise<void> {
  const { numInsertedOrUpdatedRows } = await database
    .insertInto("users")
    .values(user)
    .onConflict((conflict) => conflict.column("email").doNothing())
    .executeTakeFirst();
  if (Number(numInsertedOrUpdatedRows ?? 0) === 0) throw emailTaken();
}

export const emailTaken = () =>
  new AppError("email_taken", "The e-mail address has an account already: log in, or use another address.");
