// Refresh: the token dies and a new pair takes its place (G18; RFC 9700, refresh token rotation).
import type { TokenPair } from "../../../contracts/users.ts";
import { AppError } from "../../../lib/errors.ts";
import { auditAccount } from "../audit-account.ts";
import { announceChange, type Rooms } from "../rooms.ts";
import { type FoundRefreshToken, findRefreshToken, revokeFamily, useRefreshToken } from "../store/logins.ts";
import { isoTime } from "../store/tables.ts";
import { findUser } from "../store/users.ts";
import { addTokens } from "./issue-tokens.ts";
import { requireEnabled } from "./resolve-token.ts";
import { hashSecret } from "./secrets.ts";

/** A second use so soon after the first is a client's race, not a thief: by one clock, because each may ask another process. */
const GRACE_MS = 10_000;

/**
 * Trades a refresh token for a new pair. Of two at once one gets it, the other `refresh_raced`.
 * @throws refresh_invalid, refresh_raced, refresh_reused (its login is ended), account_disabled
 */
export async function refresh(rooms: Rooms, refreshToken: string): Promise<TokenPair> {
  const hash = hashSecret(refreshToken);
  const found = await findRefreshToken(rooms.database, hash);
  if (!found) throw notARefreshToken();
  const user = await findUser(rooms.database, found.user_id);
  if (user?.state !== "active") throw notARefreshToken();
  requireEnabled(user);
  if (found.used_at !== null) return refuseSecondUse(rooms, found, found.used_at);
  if (found.revoked_at !== null || found.expires_at <= isoTime(Date.now())) throw notARefreshToken();
  // One transaction: a crash between the two would leave the user with a dead token and no other.
  const tokens = await rooms.database.transaction().execute(async (transaction) => {
    if (!(await useRefreshToken(transaction, hash))) return undefined;
    return addTokens(rooms, transaction, user, found.family_id);
  });
  if (!tokens) throw raced();
  return tokens;
}

async function refuseSecondUse(rooms: Rooms, found: FoundRefreshToken, usedAt: string): Promise<never> {
  if (Date.parse(found.read_at) - Date.parse(usedAt) < GRACE_MS) throw raced();
  await endLogin(rooms, found, "a refresh token was used again");
  rooms.log.warn(
    { user_id: found.user_id, family_id: found.family_id },
    "a refresh token was used again: login ended",
  );
  throw new AppError(
    "refresh_reused",
    "The refresh token was used before, so this login was ended: log in again.",
  );
}

/** Ends the login of a refresh token; one that is unknown or ended already makes no difference. */
export async function logout(rooms: Rooms, refreshToken: string): Promise<void> {
  const found = await findRefreshToken(rooms.database, hashSecret(refreshToken));
  if (!found) return;
  await endLogin(rooms, found, "logout");
}

async function endLogin(rooms: Rooms, found: FoundRefreshToken, why: string): Promise<void> {
  const { user_id, family_id } = found;
  await rooms.ports.moments.run(async () => {
    await revokeFamily(rooms.database, family_id);
    // Asked again of a login that has ended, nothing changes.
    if (found.revoked_at === null)
      await auditAccount(rooms, user_id, "login.ended", "self", { login: family_id, why });
  });
  announceChange(rooms, user_id);
}

const notARefreshToken = () =>
  new AppError("refresh_invalid", "The refresh token is not valid: log in again.");
const raced = () =>
  new AppError("refresh_raced", "The refresh token was just used: go on with the tokens that use has given.");
