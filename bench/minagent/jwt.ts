// HS256 tokens with nothing around them: what minagent verifies on every request.
import { createHmac, timingSafeEqual } from "node:crypto";

const HEADER = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString("base64url");

export function signToken(secret: string, user: string, expiresAt: number): string {
  const payload = Buffer.from(JSON.stringify({ sub: user, exp: Math.floor(expiresAt / 1_000) })).toString(
    "base64url",
  );
  return `${HEADER}.${payload}.${signature(secret, `${HEADER}.${payload}`).toString("base64url")}`;
}

/** The user of a valid token, else undefined. */
export function verifyToken(secret: string, authorization: string | undefined): string | undefined {
  const [header, payload, signed] = authorization?.replace(/^Bearer /, "").split(".") ?? [];
  if (header !== HEADER || !payload || !signed) return undefined;
  const expected = signature(secret, `${header}.${payload}`);
  const given = Buffer.from(signed, "base64url");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  const { sub, exp } = JSON.parse(Buffer.from(payload, "base64url").toString()) as {
    sub: string;
    exp: number;
  };
  return exp * 1_000 > Date.now() ? sub : undefined;
}

function signature(secret: string, text: string): Buffer {
  return createHmac("sha256", secret).update(text).digest();
}
