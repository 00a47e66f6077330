// What the rooms of the nodes service work with.
import type { ServiceBroker } from "moleculer";
import type { Caller } from "../../contracts/access.ts";
import type { UserId } from "../../contracts/ids.ts";
import { callAs, SYSTEM } from "../../lib/broker/action.ts";
import type { Tell } from "../../lib/domain-events.ts";
import { AppError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import type { Ports } from "../../lib/ports/ports.ts";
import type { Edge } from "./edge/edge.ts";
import type { Guesses } from "./pairing/guesses.ts";
import type { Database } from "./tables.ts";

export type Rooms = {
  broker: ServiceBroker;
  database: Database;
  ports: Pick<Ports, "moments" | "audit" | "signals" | "counters">;
  tell: Tell;
  /** Undefined where no Mac can join. */
  edge: Edge | undefined;
  guesses: Guesses;
  log: Log;
};

/** @throws edge_off */
export function edgeOf({ edge }: Rooms): Edge {
  if (edge) return edge;
  throw new AppError(
    "edge_off",
    "No Mac can join: this server has no edge. Start it with `npm start -- --with-nats`, or give it EDGE_URL (docs/config.md).",
  );
}

/** Who did something to a Mac: a user with its credential, the Mac itself, or the server. */
export type Author = Pick<Caller, "user_id" | "key_id"> | "self" | "system";

export const authorOf = (author: Author): Record<string, string> =>
  typeof author === "string"
    ? { by: author }
    : { by: author.user_id, ...(author.key_id ? { by_key: author.key_id } : {}) };

/** Those of the accounts that are there. */
export async function findUsers(
  { broker }: Pick<Rooms, "broker">,
  wanted: { ids?: UserId[]; emails?: string[] },
) {
  return (await callAs(broker, "nodes", SYSTEM, "users.find", wanted)).users;
}
