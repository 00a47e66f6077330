// What the nodes service signs with the keys of the edge: users of Macs, and the claims of the account with those that are revoked.
import type { Account, ClaimsData } from "@nats-io/jwt";
import { canonicalJson } from "../../canonical-json.ts";
import { accountClaims } from "./accounts.ts";
import { KEY_FILES, readKeyFile } from "./key-files.ts";
import { readJwt } from "./read-jwt.ts";
import { isPublicKey, pairOf } from "./signatures.ts";
import { rightsOfMac } from "./subjects.ts";
import { signUser } from "./users.ts";

export type MacUser = {
  /** The Mac's own nkey (`U…`). */
  publicKey: string;
  nodeId: string;
  /** Shown in the server's list of connections. */
  name: string;
  /** At most a day. */
  lifetimeS: number;
};
export type SignedUser = { jwt: string; expiresAt: Date };
/**
 * A key that is cut off, and when (milliseconds) that was decided. One that `mayReturn` comes back with a user that is signed
 * `RETURN_MS` later, or after that.
 */
export type Revoked = { publicKey: string; revokedAt: number; mayReturn?: boolean };

/** So long nothing is signed for a key that is cut off for a while. */
export const RETURN_MS = 60_000;

const DAY_S = 86_400;
const LONGEST_LIFE_S = DAY_S;
/** Behind the moment of revoking: what another process, perhaps with a clock that is ahead, signed meanwhile is revoked as well. */
const MARGIN_S = DAY_S;
/** The same where it may return: what is signed then, by a clock that is half a minute behind, is not meant. */
const RETURN_MARGIN_S = RETURN_MS / 2_000;
/** By then everything that was ever signed for the key has long expired; the claims do not grow for ever. */
const KEPT_S = 30 * DAY_S;
/** Moleculer's kinds of packets, each subscribed for itself, with room. */
const SUBSCRIPTIONS_OF_MAC = 32;
const LONGEST_NAME = 100;

export class EdgeSigner {
  readonly account: string;
  readonly #signingSeed: string;
  readonly #operatorSeed: string;

  /** @throws Error in words when the folder lacks a key */
  constructor(keysFolder: string) {
    this.account = readKeyFile(keysFolder, KEY_FILES.edgeAccount);
    this.#signingSeed = readKeyFile(keysFolder, KEY_FILES.edgeSigningSeed);
    this.#operatorSeed = readKeyFile(keysFolder, KEY_FILES.operatorSigningSeed);
  }

  /**
   * A user that may say and hear exactly what is the Mac's, until it expires; then nats-server closes its connection.
   * @throws Error for what is no key of a Mac, no id of a node or no lifetime
   */
  async signMacUser({ publicKey, nodeId, name, lifetimeS }: MacUser): Promise<SignedUser> {
    if (!isPublicKey(publicKey, "user")) throw new Error("this is no public key of a Mac");
    if (!(lifetimeS >= 1 && lifetimeS <= LONGEST_LIFE_S))
      throw new Error(`a Mac's user lives 1 to ${LONGEST_LIFE_S} s, not ${lifetimeS}`);
    const expiresAtS = Math.floor(Date.now() / 1_000 + lifetimeS);
    const jwt = await signUser(
      {
        ...{ name: shownName(name, nodeId), publicKey, rights: rightsOfMac(nodeId), expiresAtS },
        ...{ subscriptions: SUBSCRIPTIONS_OF_MAC, connections: ["STANDARD", "WEBSOCKET"] },
      },
      { publicKey: this.account, signingSeed: this.#signingSeed },
    );
    return { jwt, expiresAt: new Date(expiresAtS * 1_000) };
  }

  /** The claims of the account as they should be. The same keys give the same claims but for the moment of signing: `sayTheSame`. */
  edgeAccountClaims(revoked: readonly Revoked[], nowMs = Date.now()): Promise<string> {
    const revocations = Object.fromEntries(
      revoked
        .filter(({ revokedAt, mayReturn }) => revokedAt > nowMs - (mayReturn ? 2 * DAY_S : KEPT_S) * 1_000)
        .map(({ publicKey, revokedAt, mayReturn }) => {
          const margin = mayReturn ? RETURN_MARGIN_S : MARGIN_S;
          return [publicKey, Math.floor(revokedAt / 1_000) + margin] as const;
        })
        .toSorted(([one], [other]) => (one < other ? -1 : 1)),
    );
    const signing = pairOf(this.#signingSeed).getPublicKey();
    return accountClaims("EDGE", this.account, this.#operatorSeed, { signing_keys: [signing], revocations });
  }
}

/** For people who look at nats-server's connections. The library that writes claims knows no letters beyond Latin's: then the Mac's id. */
function shownName(name: string, nodeId: string): string {
  return /^[ -~]+$/.test(name) ? name.slice(0, LONGEST_NAME) : nodeId;
}

/**
 * Whether two account claims have the same signer and contents, whenever they were signed.
 * @param but fields that may differ
 * @throws Error when one of them is no such thing, or its signature does not fit
 */
export function sayTheSame(one: string, other: string, but: (keyof Account)[] = []): boolean {
  return contentsOf(one, but) === contentsOf(other, but);
}

/** nats-server may hand them out with their keys in another order. */
function contentsOf(jwt: string, but: (keyof Account)[]): string {
  const { iat: _, jti: __, nats, ...claims }: ClaimsData<Account> = readJwt<Account>(jwt);
  const counted = Object.entries(nats).filter(([field]) => !but.includes(field as keyof Account));
  return canonicalJson({ ...claims, nats: Object.fromEntries(counted) });
}
