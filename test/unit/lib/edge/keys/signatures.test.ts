// Keys in the form of NATS: what is signed here the library believes, and the other way round.
import { describe, expect, test } from "@jest/globals";
import { fromPublic, fromSeed } from "@nats-io/nkeys";
import {
  isPublicKey,
  isSignedBy,
  type KeyKind,
  makeKey,
  pairOf,
  Signer,
} from "../../../../../lib/edge/keys/signatures.ts";

const KINDS: [KeyKind, RegExp, RegExp][] = [
  ["user", /^SU[A-Z2-7]{56}$/, /^U[A-Z2-7]{55}$/],
  ["grants", /^SN[A-Z2-7]{56}$/, /^N[A-Z2-7]{55}$/],
  ["account", /^SA[A-Z2-7]{56}$/, /^A[A-Z2-7]{55}$/],
  ["operator", /^SO[A-Z2-7]{56}$/, /^O[A-Z2-7]{55}$/],
];

describe.each(KINDS)("a key of the kind %s", (kind, seedForm, publicForm) => {
  test("is what the library makes of its seed, and signs what the library believes", () => {
    for (let times = 0; times < 3; times += 1) {
      const { seed, publicKey } = makeKey(kind);
      expect(seed).toMatch(seedForm);
      expect(publicKey).toMatch(publicForm);
      expect(fromSeed(Buffer.from(seed)).getPublicKey()).toBe(publicKey);
      const signature = new Signer(seed).sign("wörter\0");
      const bytes = [Buffer.from("wörter\0"), Buffer.from(signature, "base64url")] as const;
      expect(fromPublic(publicKey).verify(...bytes)).toBe(true);
      expect(pairOf(seed).verify(...bytes)).toBe(true);
    }
  });

  test("is believed where the library has signed", () => {
    const { seed, publicKey } = makeKey(kind);
    const signature = Buffer.from(fromSeed(Buffer.from(seed)).sign(Buffer.from("text"))).toString(
      "base64url",
    );
    expect(isSignedBy(publicKey, "text", signature)).toBe(true);
  });

  test("is a key of this kind and no other", () => {
    const { seed, publicKey } = makeKey(kind);
    expect(KINDS.filter(([other]) => isPublicKey(publicKey, other)).map(([other]) => other)).toEqual([kind]);
    expect(isPublicKey(seed, kind)).toBe(false);
  });
});

describe("a signature", () => {
  const mine = makeKey("user");
  const other = makeKey("user");
  const signature = new Signer(mine.seed).sign("text");

  test("is of one text and one key", () => {
    expect(isSignedBy(mine.publicKey, "text", signature)).toBe(true);
    expect(isSignedBy(mine.publicKey, "text ", signature)).toBe(false);
    expect(isSignedBy(mine.publicKey, "", signature)).toBe(false);
    expect(isSignedBy(other.publicKey, "text", signature)).toBe(false);
  });

  test.each([
    ["", "text", signature],
    ["U", "text", signature],
    ["U".repeat(56), "text", signature],
    ["U".repeat(1_000_000), "text", signature],
    [`${mine.publicKey.slice(0, -1)}\u0410`, "text", signature],
    [mine.publicKey.toLowerCase(), "text", signature],
    [mine.publicKey, "text", ""],
    [mine.publicKey, "text", "A".repeat(86)],
    [mine.publicKey, "text", "A".repeat(1_000_000)],
    [mine.publicKey, "text", `${signature}==`],
    [mine.publicKey, "text", `${signature} `],
    [mine.publicKey, "text", signature.slice(1)],
  ])("that is none, or of what is no key, has signed nothing", (publicKey, text, given) => {
    expect(isSignedBy(publicKey, text, given)).toBe(false);
  });
});

test.each(["", "SU", "S".repeat(58), makeKey("user").publicKey, `${makeKey("user").seed.slice(0, -1)}!`])(
  "what is no seed is refused",
  (seed) => {
    expect(() => new Signer(seed)).toThrow();
    expect(() => pairOf(seed)).toThrow();
  },
);
