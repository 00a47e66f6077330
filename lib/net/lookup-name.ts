// Asks the system for the addresses of a name. Each question holds one of Node's four threads for file work for as long as the
// resolver is silent, so only a few are asked at once: a name server that is away must not stop everybody's files.
import { lookup } from "node:dns/promises";

/** `family` is 4 or 6. */
export type ResolvedAddress = { address: string; family: number };
/** All addresses of a name; throws when it has none. */
export type Lookup = (hostname: string) => Promise<ResolvedAddress[]>;

const AT_ONCE = 2;

/** The system's own resolver (getaddrinfo), in the order in which it gives addresses; at most two names at once. */
export const lookupName: Lookup = fewAtOnce(
  (hostname) => lookup(hostname, { all: true, order: "verbatim" }),
  AT_ONCE,
);

/** The same look-up, the ones beyond `limit` waiting for their turn in the order in which they came. */
export function fewAtOnce(ask: Lookup, limit: number): Lookup {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (hostname) => {
    if (running < limit) running += 1;
    else await new Promise<void>((turn) => waiting.push(turn));
    try {
      return await ask(hostname);
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
