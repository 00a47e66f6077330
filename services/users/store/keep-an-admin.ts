// Guards the last admin: whoever takes admin rights from an account asks here, in the same transaction.
import type { UserId } from "../../../contracts/ids.ts";
import { AppError } from "../../../lib/errors.ts";
import type { Database } from "./database.ts";

/**
 * Throws `last_admin` when no other enabled admin would be left. Call it inside a transaction, before the change.
 * Writing the rows first locks them where stores run transactions at once: two admins cannot remove each other.
 */
export async function keepAnAdmin(transaction: Database, id: UserId): Promise<void> {
  await transaction
    .updateTable("users")
    .set((row) => ({ role: row.ref("role") }))
    .where("role", "=", "admin")
    .execute();
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
