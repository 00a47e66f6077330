// The secrets that access tokens are signed with, and the key of the internal identity that is derived from them.
// Called by bin/start.ts before anything else starts.
import { hkdfSync, randomBytes } from "node:crypto";
import { join } from "node:path";
import { readSecretFile, writeSecretFile } from "./secret-file.ts";

const MINIMUM_LENGTH = 32;

/**
 * The signing secrets: those of the environment (the first signs, all verify), else the one in `<home>/jwt-secret`, which
 * is made on the first start.
 * @throws Error when the file holds something too short to be a secret.
 */
export function loadSigningSecrets(home: string, fromEnvironment?: string[]): string[] {
  if (fromEnvironment && fromEnvironment.length > 0) return fromEnvironment;
  const path = join(home, "jwt-secret");
  const kept = readSecretFile(path);
  if (kept === undefined) {
    const made = randomBytes(48).toString("base64url");
    writeSecretFile(path, made);
    return [made];
  }
  if (kept.length < MINIMUM_LENGTH)
    throw new Error(
      `${path} holds fewer than ${MINIMUM_LENGTH} characters: restore it, or remove it to log everybody out.`,
    );
  return [kept];
}

/** The key of lib/broker/authorization.ts: 32 bytes that tell nothing about the secret (HKDF, RFC 5869). */
export function deriveIdentityKey(secret: string): Buffer {
  return Buffer.from(hkdfSync("sha256", secret, "", "macjarvis internal identity v1", 32));
}

/** By which two processes know whether they have the same secret, which it does not tell (HKDF, RFC 5869). */
export function fingerprintOf(secret: string): string {
  return Buffer.from(hkdfSync("sha256", secret, "", "macjarvis fingerprint v1", 8)).toString("hex");
}
