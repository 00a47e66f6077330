// Stores a new API key.
import type { Database } from "./database.ts";
import type { KeyRow } from "./tables.ts";

export async function insertKey(database: Database, key: KeyRow): Promise<void> {
  await database.insertInto("api_keys").values(key).execute();
}
