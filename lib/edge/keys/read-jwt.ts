// Reads what a JWT of NATS claims, when its signature fits. The library's own reading takes over 10 ms of the main thread.
import type { ClaimsData } from "@nats-io/jwt";
import { isSignedBy } from "./signatures.ts";

/** Who the signer is has still to be looked at (`iss`). @throws Error when it is none, or its signature does not fit */
export function readJwt<T>(jwt: string): ClaimsData<T> {
  const [header = "", body = "", signature = "", ...more] = jwt.split(".");
  const claims = more.length === 0 ? (objectIn(body) as Partial<ClaimsData<T>>) : {};
  // The form in which the body alone is signed is old, and nothing of ours.
  const { alg } = objectIn(header) as { alg?: unknown };
  const isSigned = typeof claims.iss === "string" && isSignedBy(claims.iss, `${header}.${body}`, signature);
  if (alg !== "ed25519-nkey" || !isSigned || claims.nats === undefined)
    throw new Error("this is no JWT of NATS with a signature that fits");
  return claims as ClaimsData<T>;
}

function objectIn(part: string): object {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString());
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
