// The rows of pairings: finding them, and what they look like from outside.
import { hash } from "node:crypto";
import type { Caller } from "../../../contracts/access.ts";
import type { PairingId } from "../../../contracts/ids.ts";
import type { Pairing } from "../../../contracts/nodes.ts";
import { AppError } from "../../../lib/errors.ts";
import { keyFingerprint } from "../../../lib/key-fingerprint.ts";
import type { Database, PairingRow } from "../tables.ts";

/** So long a code is good. */
export const CODE_MS = 10 * 60_000;
/** So long after it was confirmed the Mac, which asks each few seconds, may still fetch what it was given. */
export const FETCH_MS = 10 * 60_000;
const KEPT_MS = 24 * 3_600_000;

/** What is kept of a code. It is random and short-lived: nobody finds it from this in its time. */
export const hashOfCode = (code: string): string => hash("sha256", `macjarvis-pairing:${code}`);

/** @throws pairing_not_found, also for one of another user */
export async function requirePairing(
  database: Database,
  { user_id }: Pick<Caller, "user_id">,
  id: PairingId,
): Promise<PairingRow> {
  const row = await database
    .selectFrom("node_pairings")
    .selectAll()
    .where("id", "=", id)
    .where("user_id", "=", user_id)
    .executeTakeFirst();
  if (!row) throw new AppError("pairing_not_found", `You have no pairing "${id}".`);
  return row;
}

export function isExpired({ confirmed_at, expires_at }: PairingRow, now = Date.now()): boolean {
  return Number(confirmed_at) === 0 && Number(expires_at) <= now;
}

export function pairingView(row: PairingRow): Pairing {
  const status =
    Number(row.confirmed_at) > 0
      ? "confirmed"
      : isExpired(row)
        ? "expired"
        : row.public_key === null
          ? "waiting"
          : "redeemed";
  return {
    id: row.id,
    status,
    expires_at: new Date(Number(row.expires_at)).toISOString(),
    node_id: status === "confirmed" ? row.node_id : null,
    name: row.mac_name,
    platform: row.platform,
    version: row.version,
    fingerprint: row.public_key === null ? null : keyFingerprint(row.public_key),
  };
}

/** Those that nobody will ask about any more. */
export async function dropOldPairings(database: Database): Promise<void> {
  await database
    .deleteFrom("node_pairings")
    .where("expires_at", "<", Date.now() - KEPT_MS)
    .execute();
}
