// Reads the active accounts page by page, for admins.
import { sql } from "kysely";
import type { UserId } from "../../../contracts/ids.ts";
import type { Database } from "./database.ts";
import type { UserRow } from "./tables.ts";

/**
 * Accounts, newest first.
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
  if (search !== undefined && search !== "") {
    const pattern = `%${search.toLowerCase().replace(/[\\%_]/g, "\\$&")}%`;
    query = query.where((row) =>
      row.or([
        sql<boolean>`email like ${pattern} escape '\\'`,
        sql<boolean>`lower(display_name) like ${pattern} escape '\\'`,
      ]),
    );
  }
  return query.execute();
}
