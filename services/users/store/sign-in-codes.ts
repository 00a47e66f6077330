// The table of one-time codes that open a login. Every verb that reads or changes one.
import type { UserId } from "../../../contracts/ids.ts";
import { type Database, isoTime, type SignInCodeRow } from "./tables.ts";

/** Of an account, open at once: one for each place where somebody asks for one. The oldest goes when there are more. */
const MOST_OPEN = 10;

/** Call it with the account locked. What has expired of anybody's is swept out on the way. */
export async function insertSignInCode(database: Database, row: SignInCodeRow): Promise<void> {
  await database.deleteFrom("sign_in_codes").where("expires_at", "<=", isoTime(Date.now())).execute();
  await database.insertInto("sign_in_codes").values(row).execute();
  const open = await database
    .selectFrom("sign_in_codes")
    .select("hash")
    .where("user_id", "=", row.user_id)
    .orderBy("expires_at", "desc")
    .execute();
  const hashes = open.slice(MOST_OPEN).map(({ hash }) => hash);
  if (hashes.length > 0) await database.deleteFrom("sign_in_codes").where("hash", "in", hashes).execute();
}

/** @param hash SHA-256 of the code, hex */
export function findSignInCode(database: Database, hash: string): Promise<SignInCodeRow | undefined> {
  return database.selectFrom("sign_in_codes").selectAll().where("hash", "=", hash).executeTakeFirst();
}

/** Uses a code up. Whether it was still there and in its time; of two uses at once one gets true. */
export async function takeSignInCode(database: Database, hash: string): Promise<boolean> {
  const { numDeletedRows } = await database
    .deleteFrom("sign_in_codes")
    .where("hash", "=", hash)
    .where("expires_at", ">", isoTime(Date.now()))
    .executeTakeFirst();
  return Number(numDeletedRows) === 1;
}

/** Ends all that are open of a user. */
export async function removeSignInCodes(database: Database, user: UserId): Promise<void> {
  await database.deleteFrom("sign_in_codes").where("user_id", "=", user).execute();
}
