// Gives a user the pair of tokens that a login, a registration or a refresh answers with.
import type { FamilyId } from "../../../contracts/ids.ts";
import type { TokenPair } from "../../../contracts/users.ts";
import { newId } from "../../../lib/ids.ts";
import type { Rooms } from "../rooms.ts";
import { insertRefreshToken, openFamily } from "../store/logins.ts";
import type { Database, UserRow } from "../store/tables.ts";
import { userView } from "../view.ts";
import { ACCESS_TOKEN_SECONDS } from "./access-tokens.ts";
import { hashSecret, makeSecret, REFRESH_PREFIX } from "./secrets.ts";

/** A new login of the user: a family with its first refresh token. @param login.program what opens it, as that names itself */
export async function openLogin(
  rooms: Rooms,
  database: Database,
  user: UserRow,
  { family = newId<FamilyId>("family"), program }: { family?: FamilyId; program: string | null },
): Promise<TokenPair> {
  await openFamily(database, { id: family, user: user.id, program });
  return addTokens(rooms, database, user, family);
}

/** The next pair of a login. @param database the transaction that made the one before dead, when there was one */
export async function addTokens(
  rooms: Rooms,
  database: Database,
  user: UserRow,
  family: FamilyId,
): Promise<TokenPair> {
  const refreshToken = makeSecret(REFRESH_PREFIX);
  await insertRefreshToken(database, family, hashSecret(refreshToken));
  return {
    user: userView(user),
    access_token: rooms.accessTokens.sign(user.id, family),
    refresh_token: refreshToken,
    token_type: "Bearer",
    expires_in: ACCESS_TOKEN_SECONDS,
  };
}
