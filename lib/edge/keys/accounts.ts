// The accounts of the nats-server: what each of them may, as claims that the operator signs.
import { type Account, encodeAccount, type OperatorLimits } from "@nats-io/jwt";
import { pairOf } from "./signatures.ts";

export type AccountName = "SYS" | "EDGE" | "CORE";

/** Of a message on the edge: nats-server's own limit (max_payload). */
export const MOST_PAYLOAD = 8 * 1024 * 1024;
/** Macs and hubs of one installation that are connected at the same time. */
const MOST_CONNECTIONS = 20_000;
/** Hubs, and a few who look (doctor). */
const SYSTEM_CONNECTIONS = 200;
const NONE = 0;
const ANY = -1;

const NO_JETSTREAM = { mem_storage: NONE, disk_storage: NONE, streams: NONE, consumer: NONE };
/** Nothing of one account is seen in another. An account without an explicit `conn` takes no connection. */
const CLOSED = { imports: NONE, exports: NONE, wildcards: false, leaf: NONE, disallow_bearer: true };
const BUS = { data: ANY, payload: MOST_PAYLOAD, subs: ANY };

const LIMITS: Record<AccountName, OperatorLimits> = {
  SYS: { ...CLOSED, ...BUS, ...NO_JETSTREAM, conn: SYSTEM_CONNECTIONS },
  EDGE: { ...CLOSED, ...BUS, ...NO_JETSTREAM, conn: MOST_CONNECTIONS },
  CORE: {
    ...{ ...CLOSED, ...BUS, conn: ANY },
    ...{ mem_storage: ANY, disk_storage: ANY, streams: ANY, consumer: ANY },
  },
};
/** Of a user whose own claims name none. */
const NOTHING = { pub: { deny: [">"] }, sub: { deny: [">"] } };

/**
 * The claims of an account, signed.
 * @param publicKey the account's
 * @param operatorSeed of the operator's signing key
 */
export function accountClaims(
  name: AccountName,
  publicKey: string,
  operatorSeed: string,
  more: Pick<Account, "signing_keys" | "revocations"> = {},
): Promise<string> {
  const claims = {
    limits: LIMITS[name],
    ...(name === "CORE" ? {} : { default_permissions: NOTHING }),
    ...more,
  };
  return encodeAccount(name, publicKey, claims, { signer: pairOf(operatorSeed) });
}
