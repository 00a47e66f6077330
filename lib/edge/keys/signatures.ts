// Ed25519 keys in the form of NATS (nkeys): making, signing, verifying. With Node's own cryptography, since the library's takes over 10 ms
// of the main thread for each signature.
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import {
  createAccount,
  createOperator,
  createServer,
  createUser,
  fromPublic,
  fromSeed,
  type KeyPair,
} from "@nats-io/nkeys";

/** `seed` begins with `S`, `publicKey` with the letter of its kind. */
export type Key = { seed: string; publicKey: string };
/** A Mac's is a `user`; grants are signed with a key of a kind of its own, so that nothing else can be taken for it. */
export type KeyKind = keyof typeof KINDS;

/** How it is made, and the letter that its public half begins with. */
const KINDS = {
  user: { make: createUser, letter: "U" },
  grants: { make: createServer, letter: "N" },
  account: { make: createAccount, letter: "A" },
  operator: { make: createOperator, letter: "O" },
};
/** What stands before the 32 bytes (RFC 8410). */
const PRIVATE_DER = Buffer.from("302e020100300506032b657004220420", "hex");
const PUBLIC_DER = Buffer.from("302a300506032b6570032100", "hex");
const KEY_BYTES = 32;
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/** Base64url of the 64 bytes of a signature. */
const SIGNATURE = /^[A-Za-z0-9_-]{86}$/;

export function makeKey(kind: KeyKind): Key {
  const pair = KINDS[kind].make();
  return { seed: Buffer.from(pair.getSeed()).toString(), publicKey: pair.getPublicKey() };
}

/** @throws the library's own error when it is no seed */
export const pairOf = (seed: string): KeyPair => fromSeed(Buffer.from(seed));

/** Whether it is a public key of the kind, whole and unchanged (it has a checksum). */
export function isPublicKey(text: string, kind: KeyKind): boolean {
  // What is not of that form can be of any length.
  return /^[A-Z2-7]{56}$/.test(text) && text.startsWith(KINDS[kind].letter) && canDecode(text);
}

function canDecode(publicKey: string): boolean {
  try {
    fromPublic(publicKey);
    return true;
  } catch {
    return false;
  }
}

/** Signs many texts: reading the seed costs more than signing. @throws the library's own error when it is no seed */
export class Signer {
  readonly publicKey: string;
  readonly #key: KeyObject;

  constructor(seed: string) {
    this.publicKey = pairOf(seed).getPublicKey();
    // Two bytes of kind stand before it, two of checksum behind (github.com/nats-io/nkeys).
    const raw = bytesOf(seed).subarray(2, 2 + KEY_BYTES);
    this.#key = createPrivateKey({ key: Buffer.concat([PRIVATE_DER, raw]), format: "der", type: "pkcs8" });
  }

  /** Base64url. */
  sign(text: string): string {
    return sign(null, Buffer.from(text), this.#key).toString("base64url");
  }
}

/** Whether the owner of the key has signed exactly this text. Never throws: what is no key or no signature has signed nothing. */
export function isSignedBy(publicKey: string, text: string, signature: string): boolean {
  if (!SIGNATURE.test(signature)) return false;
  const key = verifierOf(publicKey);
  return key !== undefined && verify(null, Buffer.from(text), key, Buffer.from(signature, "base64url"));
}

function verifierOf(publicKey: string): KeyObject | undefined {
  if (!/^[A-Z2-7]{56}$/.test(publicKey) || !canDecode(publicKey)) return undefined;
  const raw = bytesOf(publicKey).subarray(1, 1 + KEY_BYTES);
  return createPublicKey({ key: Buffer.concat([PUBLIC_DER, raw]), format: "der", type: "spki" });
}

/** Base32 without padding (RFC 4648), five bits a character; only what the library has found to be whole. */
function bytesOf(key: string): Buffer {
  const bits = [...key].map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const bytes = bits.match(/[01]{8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)));
}
