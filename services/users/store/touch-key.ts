// Notes that an API key was used, at most once a minute.
import type { Database } from "./database.ts";
import { isoTime, type KeyRow } from "./tables.ts";

const MINUTE = 60_000;

export async function touchKey(database: Database, key: Pick<KeyRow, "id" | "last_used_at">): Promise<void> {
  const now = Date.now();
  if (key.last_used_at !== null && key.last_used_at > isoTime(now - MINUTE)) return;
  await database
    .updateTable("api_keys")
    .set({ last_used_at: isoTime(now) })
    .where("id", "=", key.id)
    .execute();
}
