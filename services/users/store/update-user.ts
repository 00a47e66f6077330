// Changes an active account.
import type { Updateable } from "kysely";
import type { UserId } from "../../../contracts/ids.ts";
import type { Database } from "./database.ts";
import { emailTaken } from "./insert-user.ts";
import type { UserRow } from "./tables.ts";

/** Throws `email_taken`. An account that is not active stays as it is. */
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
