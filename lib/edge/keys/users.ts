// Users of the nats-server: what each may say and hear, in claims that an account signs.
import { encodeUser, fmtCreds, type UserPermissionsLimits } from "@nats-io/jwt";
import { MOST_PAYLOAD } from "./accounts.ts";
import { type Key, makeKey, pairOf } from "./signatures.ts";
import type { Rights } from "./subjects.ts";

export type Made = {
  name: string;
  publicKey: string;
  rights: Rights;
  /** Subscriptions that one connection may have. */
  subscriptions: number;
  /** Unix seconds; for ever unless given. */
  expiresAtS?: number;
  connections: UserPermissionsLimits["allowed_connection_types"];
};

/** The account, and the key that signs for it: its own, or one that its claims name. */
export type Account = { publicKey: string; signingSeed: string };

export function signUser(user: Made, account: Account): Promise<string> {
  const { name, publicKey, rights, subscriptions, expiresAtS, connections } = user;
  const claims: Partial<UserPermissionsLimits> = {
    ...{ pub: { allow: rights.says }, sub: { allow: rights.hears } },
    ...{ subs: subscriptions, payload: MOST_PAYLOAD, allowed_connection_types: connections },
  };
  const signer = pairOf(account.signingSeed);
  const isItsOwn = signer.getPublicKey() === account.publicKey;
  return encodeUser(name, publicKey, isItsOwn ? signer : account.publicKey, claims, {
    ...(isItsOwn ? {} : { signer }),
    ...(expiresAtS === undefined ? {} : { exp: expiresAtS }),
  });
}

/** A user of our own processes, with its key: a credentials file. */
export async function makeCredentials(
  user: Omit<Made, "publicKey" | "connections">,
  account: Account,
): Promise<string> {
  const key: Key = makeKey("user");
  const jwt = await signUser({ ...user, publicKey: key.publicKey, connections: ["STANDARD"] }, account);
  return Buffer.from(fmtCreds(jwt, pairOf(key.seed))).toString();
}
