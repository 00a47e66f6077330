// Whether credentials that somebody was let in with still hold: asked by gateways about what they have open (streams, waits).
import type { FamilyId, KeyId } from "../../../contracts/ids.ts";
import type { Credential, CredentialState } from "../../../contracts/users.ts";
import { type Database, isoTime } from "../store/tables.ts";

/**
 * The state of each, in the same order, from the store alone. A login lives until it is ended or was not refreshed in time;
 * that an access token of it has run out ends nothing (docs/decisions/2026-11-28-what-ends-with-a-credential.md).
 */
export async function credentialStates(
  database: Database,
  credentials: Credential[],
): Promise<CredentialState[]> {
  if (credentials.length === 0) return [];
  const userIds = unique(credentials.map(({ user_id }) => user_id));
  const logins = unique(credentials.map(({ family_id }) => family_id));
  const keys = unique(credentials.map(({ key_id }) => key_id));
  const users = await database
    .selectFrom("users")
    .select(["id", "role", "state", "is_disabled"])
    .where("id", "in", userIds)
    .execute();
  const found = [...(await findLogins(database, logins)), ...(await findKeys(database, keys))];
  const usersById = new Map(users.map((user) => [user.id, user]));
  const proofs = new Map(found.map((proof) => [proof.id, proof]));
  const now = isoTime(Date.now());
  return credentials.map(({ user_id, family_id, key_id }): CredentialState => {
    const user = usersById.get(user_id);
    if (user?.state !== "active") return { type: "ended", disabled: false };
    if (user.is_disabled !== 0) return { type: "ended", disabled: true };
    const proof = proofs.get(key_id ?? family_id ?? "");
    const lives =
      proof?.user_id === user_id &&
      proof.revoked_at === null &&
      (proof.expires_at === null || proof.expires_at > now);
    if (!lives) return { type: "ended", disabled: false };
    const { expires_at } = proof;
    return { type: "lives", role: user.role, ends_at: expires_at === null ? null : Date.parse(expires_at) };
  });
}

type Proof = { id: string; user_id: string; revoked_at: string | null; expires_at: string | null };

async function findLogins(database: Database, ids: FamilyId[]): Promise<Proof[]> {
  if (ids.length === 0) return [];
  return database
    .selectFrom("refresh_families")
    .select(["id", "user_id", "revoked_at", "expires_at"])
    .where("id", "in", ids)
    .execute();
}

async function findKeys(database: Database, ids: KeyId[]): Promise<Proof[]> {
  if (ids.length === 0) return [];
  return database
    .selectFrom("api_keys")
    .select(["id", "user_id", "revoked_at", "expires_at"])
    .where("id", "in", ids)
    .execute();
}

const unique = <T>(ids: (T | undefined)[]): T[] => [...new Set(ids.filter((id) => id !== undefined))];
