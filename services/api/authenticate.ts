// Who is calling: bearer token → caller → internal token. Requests without a valid token are limited per address.
import type { IncomingMessage } from "node:http";
import type { ServiceBroker } from "moleculer";
import type { Caller } from "../../contracts/access.ts";
import { callAs, SYSTEM } from "../../lib/broker/call.ts";
import { AppError, isType } from "../../lib/errors.ts";
import type { Counters } from "../../lib/ports/counters.ts";

const WINDOW_MS = 60_000;
/** Requests of an address in a minute to open routes or without a token, and apart from them those with a wrong token. */
const ANONYMOUS_PER_MINUTE = 600;
const WRONG_PER_MINUTE = 600;

/** @throws unauthenticated, token_expired, account_disabled, too_many_requests */
export async function authenticate(
  broker: ServiceBroker,
  counters: Counters,
  request: IncomingMessage,
  address: string,
): Promise<Caller> {
  // One header only: of two, something before us may have looked at the other one.
  const [given = "", ...more] = request.headersDistinct.authorization ?? [];
  const token = more.length === 0 ? /^Bearer +(\S+)\s*$/i.exec(given)?.[1] : undefined;
  if (!token) {
    await takeAnonymous(counters, address);
    throw new AppError(
      "unauthenticated",
      'Send an access token or an API key in one header "Authorization: Bearer …".',
    );
  }
  try {
    return await callAs(broker, "api", SYSTEM, "users.resolveToken", { token });
  } catch (error) {
    // Counted once it is known to be wrong, and apart from anonymous requests: neither who guesses nor who only reads the plans
    // shuts out the users behind the same address. Tokens cannot be guessed; this bounds what guessing costs.
    if (isType(error, "unauthenticated", "token_expired", "account_disabled"))
      await take(counters, `wrong:${address}`, WRONG_PER_MINUTE);
    throw error;
  }
}

/** Counts a request without a credential. @throws too_many_requests */
export function takeAnonymous(counters: Counters, address: string): Promise<void> {
  return take(counters, `anonymous:${address}`, ANONYMOUS_PER_MINUTE);
}

async function take(counters: Counters, key: string, limit: number): Promise<void> {
  const { ok, resetMs } = await counters.take(key, limit, WINDOW_MS);
  if (!ok)
    throw new AppError(
      "too_many_requests",
      "Too many requests without a valid credential came from this address.",
      {
        retryAfterMs: resetMs,
      },
    );
}
