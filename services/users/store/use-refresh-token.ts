// Makes a refresh token dead, once.
import type { Database } from "./database.ts";
import { isoTime } from "./tables.ts";

/** Whether it was still unused; of two uses at once one gets true. */
export async function useRefreshToken(database: Database, hash: string): Promise<boolean> {
  const { numUpdatedRows } = await database
    .updateTable("refresh_tokens")
    .set({ used_at: isoTime(Date.now()) })
    .where("hash", "=", hash)
    .where("used_at", "is", null)
    .executeTakeFirst();
  return Number(numUpdatedRows) === 1;
}
