// The keys that the edge keeps away: those of revoked Macs, and of those that were cut off for a while.
import type { Revoked } from "../../../lib/edge/keys/edge-signer.ts";
import type { Database } from "../tables.ts";

/** Longer than the claims name them. */
const READ_MS = 31 * 24 * 3_600_000;

/** In a fixed order; as far back as the claims could name them. */
export async function readRevoked(database: Database): Promise<Revoked[]> {
  const since = Date.now() - READ_MS;
  const rows = await database
    .selectFrom("nodes")
    .select(["public_key", "revoked_at", "cut_off_at"])
    .where("public_key", "is not", null)
    .where((where) =>
      where.or([where("revoked_at", ">", new Date(since).toISOString()), where("cut_off_at", ">", since)]),
    )
    .orderBy("id")
    .execute();
  return rows.map(({ public_key, revoked_at, cut_off_at }) => ({
    publicKey: public_key ?? "",
    ...(revoked_at === null
      ? { revokedAt: Number(cut_off_at), mayReturn: true }
      : { revokedAt: Date.parse(revoked_at) }),
  }));
}
