// Access tokens: JWTs (RFC 7519) that live 15 minutes. Only this algorithm, issuer, audience and type are accepted (G18).
import { createHmac, randomUUID } from "node:crypto";
import jwt from "jsonwebtoken";
import { z } from "zod";
import { type FamilyId, userId } from "../../../contracts/ids.ts";
import { AppError } from "../../../lib/errors.ts";

/** How long an access token lives. */
export const ACCESS_TOKEN_SECONDS = 15 * 60;
/** By which the clocks of two core processes may differ. */
const CLOCK_SKEW_SECONDS = 60;
const ISSUER = "macjarvis";
const AUDIENCE = "macjarvis-api";
const ALGORITHM = "HS256";
const MAX_LENGTH = 2_048;

const claims = z.strictObject({
  iss: z.literal(ISSUER),
  // One string: a token for several audiences is none of ours.
  aud: z.literal(AUDIENCE),
  typ: z.literal("access"),
  sub: userId,
  fam: z.string().transform((id) => id as FamilyId),
  jti: z.string(),
  iat: z.number(),
  exp: z.number(),
});

type AccessClaims = z.output<typeof claims>;

/** Makes and checks access tokens. */
export class AccessTokens {
  readonly #secrets: { keyId: string; secret: string }[];

  /** @param secrets at least one; the first signs, all verify */
  constructor(secrets: string[]) {
    this.#secrets = secrets.map((secret) => ({ keyId: keyIdOf(secret), secret }));
  }

  /** A token for the user's login; it dies with the family. */
  sign(user: string, family: FamilyId): string {
    const [first] = this.#secrets;
    if (!first) throw new Error("there is no signing secret: pass at least one in the settings of users");
    return jwt.sign({ typ: "access", fam: family }, first.secret, {
      algorithm: ALGORITHM,
      keyid: first.keyId,
      issuer: ISSUER,
      audience: AUDIENCE,
      subject: user,
      jwtid: randomUUID(),
      expiresIn: ACCESS_TOKEN_SECONDS,
    });
  }

  /** The claims of a token of ours. @throws token_expired, unauthenticated */
  verify(token: string): AccessClaims {
    if (token.length > MAX_LENGTH) throw opensNothing();
    const keyId = keyIdIn(token);
    const named = this.#secrets.filter((known) => known.keyId === keyId);
    for (const { secret } of named.length > 0 ? named : this.#secrets) {
      const payload = verifyWith(secret, token);
      if (payload === undefined) continue;
      const parsed = claims.safeParse(payload);
      if (!parsed.success || !isOfItsTime(parsed.data)) throw opensNothing();
      return parsed.data;
    }
    throw opensNothing();
  }
}

/** What any credential that opens nothing is answered. */
export const opensNothing = () =>
  new AppError("unauthenticated", "The token is not valid: log in again, or use an API key that exists.");

/** Not longer than ours live, and not made in the future. */
function isOfItsTime({ iat, exp }: AccessClaims): boolean {
  return exp - iat <= ACCESS_TOKEN_SECONDS && iat <= Date.now() / 1_000 + CLOCK_SKEW_SECONDS;
}

/** Undefined when the token was not signed with the secret. */
function verifyWith(secret: string, token: string): unknown {
  try {
    return jwt.verify(token, secret, { algorithms: [ALGORITHM], issuer: ISSUER, audience: AUDIENCE });
  } catch (error: unknown) {
    // Checked after the signature: an expired token was ours.
    if ((error as { name?: unknown }).name === "TokenExpiredError")
      throw new AppError(
        "token_expired",
        "The access token has expired: get a new one with the refresh token.",
      );
    return undefined;
  }
}

function keyIdIn(token: string): unknown {
  try {
    return jwt.decode(token, { complete: true })?.header.kid;
  } catch {
    // Not a token at all; the verification says so.
    return undefined;
  }
}

/** Names a secret in the header of a token without telling anything about it. */
function keyIdOf(secret: string): string {
  return createHmac("sha256", secret).update("macjarvis key id v1").digest("base64url").slice(0, 8);
}
