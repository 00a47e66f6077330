// Who is calling: bearer token → caller → internal token. Guesses are limited per address before they are looked at.
import type { IncomingMessage } from "node:http";
import type { ServiceBroker } from "moleculer";
import type { Caller } from "../../contracts/access.ts";
import { callAs, SYSTEM } from "../../lib/broker/call.ts";
import { AppError } from "../../lib/errors.ts";
import type { Counters } from "../../lib/ports/counters.ts";

const WINDOW_MS = 60_000;
/** Requests of an address in a minute that carry no valid credential: open routes and wrong tokens. */
const ANONYMOUS_PER_MINUTE = 600;

/** @throws unauthenticated, token_expired, account_disabled, too_many_requests */
export async function authenticate(
  broker: ServiceBroker,
  counters: Counters,
  request: IncomingMessage,
  address: string,
): Promise<Caller> {
  const header = request.headers.authorization;
  const token = /^bearer /i.test(header ?? "") ? header?.slice(7).trim() : undefined;
  if (!token) {
    await takeAnonymous(counters, address);
    throw new AppError(
      "unauthenticated",
      'Send an access token or an API key in the header "Authorization: Bearer …".',
    );
  }
  if ((await counters.peek(keyOf(address), WINDOW_MS)) >= ANONYMOUS_PER_MINUTE)
    await takeAnonymous(counters, address);
  try {
    return await callAs(broker, "api", SYSTEM, "users.resolveToken", { token });
  } catch (error) {
    await takeAnonymous(counters, address);
    throw error;
  }
}

/** Counts a request without a valid credential. @throws too_many_requests */
export async function takeAnonymous(counters: Counters, address: string): Promise<void> {
  const { ok, resetMs } = await counters.take(keyOf(address), ANONYMOUS_PER_MINUTE, WINDOW_MS);
  if (!ok)
    throw new AppError(
      "too_many_requests",
      "Too many requests without a valid credential came from this address.",
      {
        retryAfterMs: resetMs,
      },
    );
}

const keyOf = (address: string) => `anonymous:${address}`;
