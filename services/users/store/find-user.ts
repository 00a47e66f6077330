// Reads accounts. Nothing here changes one.
import type { UserId } from "../../../contracts/ids.ts";
import { AppError } from "../../../lib/errors.ts";
import type { Database } from "./database.ts";
import type { UserRow, UserState } from "./tables.ts";

export function findUser(database: Database, id: UserId): Promise<UserRow | undefined> {
  return database.selectFrom("users").selectAll().where("id", "=", id).executeTakeFirst();
}

/** @param email lower case */
export function findUserByEmail(database: Database, email: string): Promise<UserRow | undefined> {
  return database.selectFrom("users").selectAll().where("email", "=", email).executeTakeFirst();
}

/** The account if it can be used. Throws `user_not_found` when it is missing, half made or being removed. */
export async function getActiveUser(database: Database, id: UserId): Promise<UserRow> {
  const user = await findUser(database, id);
  if (user?.state !== "active") throw new AppError("user_not_found", "There is no such user.");
  return user;
}

/** Accounts that are not in use: half made or half removed. */
export function listUnfinished(database: Database): Promise<{ id: UserId; state: UserState }[]> {
  return database.selectFrom("users").select(["id", "state"]).where("state", "!=", "active").execute();
}
