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
import { publicKeyText, rawPublicKey, rawSeed } from "./nkey-text.ts";

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
const LETTER_OF_SEED = 1;
/** What stands before the 32 bytes (RFC 8410). */
const PRIVATE_DER = Buffer.from("302e020100300506032b657004220420", "hex");
const PUBLIC_DER = Buffer.from("302a300506032b6570032100", "hex");
const PUBLIC_FORM = /^[A-Z2-7]{56}$/;
/** Base64url of the 64 bytes of a signature. */
const SIGNATURE = /^[A-Za-z0-9_-]{86}$/;

export function makeKey(kind: KeyKind): Key {
  const seed = Buffer.from(KINDS[kind].make().getSeed()).toString();
  return { seed, publicKey: new Signer(seed).publicKey };
}

/** Whether it is a public key of the kind, whole and unchanged (it has a checksum). */
export function isPublicKey(text: string, kind: KeyKind): boolean {
  return text.startsWith(KINDS[kind].letter) && isWhole(text);
}

/** What is not of the form can be of any length, which the library would go through. */
function isWhole(publicKey: string): boolean {
  if (!PUBLIC_FORM.test(publicKey)) return false;
  try {
    fromPublic(publicKey);
    return true;
  } catch {
    return false;
  }
}

/** Signs with one key. */
export class Signer {
  readonly publicKey: string;
  readonly #key: KeyObject;

  /** @throws the library's own error when it is no seed */
  constructor(seed: string) {
    fromSeed(Buffer.from(seed));
    this.#key = createPrivateKey({
      key: Buffer.concat([PRIVATE_DER, rawSeed(seed)]),
      ...{ format: "der", type: "pkcs8" },
    });
    const { x = "" } = createPublicKey(this.#key).export({ format: "jwk" });
    this.publicKey = publicKeyText(seed.charAt(LETTER_OF_SEED), Buffer.from(x, "base64url"));
  }

  /** Base64url. */
  sign(text: string): string {
    return this.signBytes(Buffer.from(text)).toString("base64url");
  }

  signBytes(bytes: Uint8Array): Buffer {
    return sign(null, bytes, this.#key);
  }
}

/** The same as the library wants it, whose own signing it replaces. @throws the library's own error when it is no seed */
export function pairOf(seed: string): KeyPair {
  const pair = fromSeed(Buffer.from(seed));
  const signer = new Signer(seed);
  return Object.assign(pair, {
    getPublicKey: () => signer.publicKey,
    // Asked only whether there is one; the library would derive it.
    getPrivateKey: () => pair.getSeed(),
    sign: (bytes: Uint8Array) => signer.signBytes(bytes),
  });
}

/** Whether the owner of the key has signed exactly this text. Never throws: what is no key or no signature has signed nothing. */
export function isSignedBy(publicKey: string, text: string, signature: string): boolean {
  if (!SIGNATURE.test(signature) || !isWhole(publicKey)) return false;
  const key = createPublicKey({
    key: Buffer.concat([PUBLIC_DER, rawPublicKey(publicKey)]),
    ...{ format: "der", type: "spki" },
  });
  return verify(null, Buffer.from(text), key, Buffer.from(signature, "base64url"));
}
