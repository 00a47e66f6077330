// Accounts by their ids and addresses, for services that name people.
import type { z } from "zod";
import type { FoundUser, findUsersParams } from "../../../contracts/users.ts";
import type { Database } from "../store/tables.ts";

/** Those that can be used. @param wanted.emails in any case */
export async function findUsers(
  database: Database,
  { ids, emails }: z.output<typeof findUsersParams>,
): Promise<FoundUser[]> {
  if (ids.length + emails.length === 0) return [];
  const addresses = emails.map((email) => email.toLowerCase());
  return (
    database
      .selectFrom("users")
      .select(["id", "email", "display_name", "plan"])
      .where("state", "=", "active")
      // An empty list is no SQL everywhere.
      .where((where) =>
        where.or([
          ...(ids.length > 0 ? [where("id", "in", ids)] : []),
          ...(addresses.length > 0 ? [where("email", "in", addresses)] : []),
        ]),
      )
      .execute()
  );
}
