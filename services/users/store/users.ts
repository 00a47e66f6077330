// The table of accounts: every verb that reads or changes one. Whoever decides about an account by what it has read calls
// `lockAccount` (or `lockAdmins`) first, in the same transaction.
import { type SelectQueryBuilder, sql, type Updateable } from "kysely";
import type { UserId } from "../../../contracts/ids.ts";
import type { LimitOverrides } from "../../../contracts/limit-overrides.ts";
import { AppError } from "../../../lib/errors.ts";
import { holdLock, prepared } from "../../../lib/sql.ts";
import type { Database, UserRow, UserState, UsersTables } from "./tables.ts";

/** Logins, keys, rights and the end of this account are decided one after the other until the transaction ends. */
export function lockAccount(transaction: Database, id: UserId): Promise<void> {
  return holdLock(transaction, `account ${id}`);
}

/** @throws email_taken when another account, also a half made or half removed one, has the address */
export async function insertUser(database: Database, user: UserRow): Promise<void> {
  const { numInsertedOrUpdatedRows } = await database
    .insertInto("users")
    .values(user)
    .onConflict((conflict) => conflict.column("email").doNothing())
    .executeTakeFirst();
  if (Number(numInsertedOrUpdatedRows ?? 0) > 0) return;
  throw emailTaken(await findUserByEmail(database, user.email));
}

/** @param holder the account that has the address, where it is known */
export function emailTaken(holder?: Pick<UserRow, "state">): AppError {
  return new AppError(
    "email_taken",
    holder && holder.state !== "active"
      ? "An account with this e-mail address is being made or removed: try again in a few minutes."
      : "The e-mail address has an account already: log in, or use another address.",
  );
}

const usersOf = prepared(["id"], (database: Database, { id }: { id: UserId }) =>
  database.selectFrom("users").selectAll().where("id", "=", id),
);

/** The account in whatever state it is. */
export async function findUser(database: Database, id: UserId): Promise<UserRow | undefined> {
  const [user] = await usersOf(database, { id });
  return user;
}

/** @param email lower case */
export function findUserByEmail(database: Database, email: string): Promise<UserRow | undefined> {
  return database.selectFrom("users").selectAll().where("email", "=", email).executeTakeFirst();
}

/** The account if it can be used. @throws user_not_found when it is missing, half made or being removed */
export async function getActiveUser(database: Database, id: UserId): Promise<UserRow> {
  const user = await findUser(database, id);
  if (user?.state !== "active") throw new AppError("user_not_found", "There is no such user.");
  return user;
}

/** The limits that the account has instead of its plan's; null when it has none. */
export function ownLimitsOf({ limits }: Pick<UserRow, "limits">): LimitOverrides | null {
  return limits === null ? null : (JSON.parse(limits) as LimitOverrides);
}

/** Accounts that are not in use: half made or half removed. */
export function listUnfinished(database: Database): Promise<{ id: UserId; state: UserState }[]> {
  return database.selectFrom("users").select(["id", "state"]).where("state", "!=", "active").execute();
}

/**
 * Active accounts, newest first.
 * @param after id of the last one of the page before
 * @param search part of the e-mail address or the display name, in any case
 */
export function listUsers(
  database: Database,
  { limit, after, search }: { limit: number; after?: UserId; search?: string },
): Promise<UserRow[]> {
  let query = database
    .selectFrom("users")
    .selectAll()
    .where("state", "=", "active")
    .orderBy("id", "desc")
    .limit(limit);
  if (after !== undefined) query = query.where("id", "<", after);
  if (search !== undefined && search !== "") query = matching(query, search);
  return query.execute();
}

type UsersQuery = SelectQueryBuilder<UsersTables, "users", UserRow>;

function matching(query: UsersQuery, search: string): UsersQuery {
  const pattern = `%${search.toLowerCase().replace(/[\\%_]/g, "\\$&")}%`;
  return query.where((row) =>
    row.or([
      sql<boolean>`email like ${pattern} escape '\\'`,
      sql<boolean>`lower(display_name) like ${pattern} escape '\\'`,
    ]),
  );
}

/** An account that is not active stays as it is. @throws email_taken */
export async function updateUser(
  database: Database,
  id: UserId,
  changes: Updateable<UserRow>,
): Promise<void> {
  if (Object.keys(changes).length === 0) return;
  try {
    await database
      .updateTable("users")
      .set(changes)
      .where("id", "=", id)
      .where("state", "=", "active")
      .execute();
  } catch (error: unknown) {
    throw isUniqueViolation(error) ? emailTaken() : error;
  }
}

/** SQLite says it in words only, PostgreSQL by its SQLSTATE. */
function isUniqueViolation(error: unknown): boolean {
  const { code, message, cause } = (error ?? {}) as { code?: unknown; message?: unknown; cause?: unknown };
  if (code === "23505" || String(message).includes("UNIQUE constraint failed")) return true;
  return cause !== undefined && isUniqueViolation(cause);
}

/** Whether the account was in state `from` and now is in `to`; of two callers at once one gets true. */
export async function changeState(
  database: Database,
  id: UserId,
  from: UserState,
  to: UserState,
): Promise<boolean> {
  const { numUpdatedRows } = await database
    .updateTable("users")
    .set({ state: to })
    .where("id", "=", id)
    .where("state", "=", from)
    .executeTakeFirst();
  return Number(numUpdatedRows) === 1;
}

/**
 * Guards the last admin. Call it before the change that takes admin rights from the account, in its transaction: two admins cannot
 * remove each other.
 * @throws last_admin when no other enabled admin would be left
 */
export async function keepAnAdmin(transaction: Database, id: UserId): Promise<void> {
  await holdLock(transaction, "admins");
  const admins = await transaction
    .selectFrom("users")
    .select("id")
    .where("role", "=", "admin")
    .where("is_disabled", "=", 0)
    .where("state", "=", "active")
    .execute();
  if (admins.some((admin) => admin.id === id) && admins.length === 1)
    throw new AppError("last_admin", "This is the last admin: make another account an admin first.");
}

/** Removes the account with its credentials; may run twice. */
export function deleteUser(database: Database, id: UserId): Promise<void> {
  return database.transaction().execute(async (transaction) => {
    await transaction
      .deleteFrom("refresh_tokens")
      .where("family_id", "in", (row) =>
        row.selectFrom("refresh_families").select("id").where("user_id", "=", id),
      )
      .execute();
    await transaction.deleteFrom("refresh_families").where("user_id", "=", id).execute();
    await transaction.deleteFrom("api_keys").where("user_id", "=", id).execute();
    await transaction.deleteFrom("sign_in_codes").where("user_id", "=", id).execute();
    await transaction.deleteFrom("users").where("id", "=", id).execute();
  });
}
