// What a person compares on two screens to know that a key is that of the machine before them.
import { hash } from "node:crypto";

const DIGITS = 20;

/** The first 20 hex digits of the SHA-256 of the public key, in groups of four: `3f1a 09bc 77d2 e410 5a6b`. */
export function keyFingerprint(publicKey: string): string {
  return hash("sha256", publicKey)
    .slice(0, DIGITS)
    .replaceAll(/(.{4})(?=.)/g, "$1 ");
}
