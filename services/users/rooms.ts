// What every room of the users service works with, and how it calls the other services.
import type { ServiceBroker } from "moleculer";
import type { Caller } from "../../contracts/access.ts";
import type { ActionName, ParamsOf, ResultOf } from "../../contracts/actions.ts";
import type { UserId } from "../../contracts/ids.ts";
import { USER_CHANGED, type UserChanged } from "../../contracts/signals.ts";
import { callAs } from "../../lib/broker/action.ts";
import type { Tell } from "../../lib/domain-events.ts";
import { type Log, logOf } from "../../lib/log.ts";
import type { Ports } from "../../lib/ports/ports.ts";
import { AttemptLimiter } from "./passwords/attempts.ts";
import { HASHING, type HashingSettings, PasswordHasher } from "./passwords/hasher.ts";
import type { Database, UserRow } from "./store/tables.ts";
import { AccessTokens } from "./tokens/access-tokens.ts";
import { TokenResolver } from "./tokens/resolve-token.ts";

/** What the service is told by whoever starts it. */
export type UsersSettings = {
  /** Signing secrets: the first signs, all verify. */
  secrets: string[];
  /** Read anew each time: it may change while the service runs. */
  readonly registration: "open" | "invite" | "closed";
  /** Where the API key of `owner@localhost` is kept; without it no such account is made. */
  ownerKeyFile?: string;
  hashing?: Partial<HashingSettings>;
};

type UsersPorts = Pick<Ports, "moments" | "audit" | "work" | "signals" | "counters" | "cache" | "locks">;

/** Where a login comes from: the client's real address, for the limits on guessing, and what its program calls itself. */
export type From = { address: string; program: string | null };

/** The stores, limits and tokens that the rooms of the service share. */
export type Rooms = {
  broker: ServiceBroker;
  readonly registration: UsersSettings["registration"];
  ports: UsersPorts;
  tell: Tell;
  /** Of what is stored already: never fails. */
  tellAfterwards: Tell;
  database: Database;
  passwords: PasswordHasher;
  attempts: AttemptLimiter;
  accessTokens: AccessTokens;
  resolver: TokenResolver;
  log: Log;
};

type Stores = { broker: ServiceBroker; sql: Database; ports: UsersPorts; tell: Tell; tellAfterwards: Tell };

export function openRooms(
  { broker, sql: database, ports, tell, tellAfterwards }: Stores,
  settings: UsersSettings,
): Rooms {
  const accessTokens = new AccessTokens(settings.secrets);
  return {
    broker,
    get registration() {
      return settings.registration;
    },
    ports,
    tell,
    tellAfterwards,
    database,
    passwords: new PasswordHasher({ ...HASHING, ...settings.hashing }),
    attempts: new AttemptLimiter(ports),
    accessTokens,
    resolver: new TokenResolver(database, accessTokens),
    log: logOf(broker, "users"),
  };
}

/** Calls another service for this user. */
export function askService<Name extends ActionName>(
  rooms: Rooms,
  user: Pick<UserRow, "id" | "role" | "plan">,
  name: Name,
  params: ParamsOf<Name>,
  options: { timeout?: number } = {},
): Promise<ResultOf<Name>> {
  const caller: Omit<Caller, "service"> = {
    user_id: user.id,
    role: user.role,
    plan: user.plan,
    scopes: "all",
  };
  return callAs(rooms.broker, "users", caller, name, params, options);
}

/**
 * Makes every process forget what it knows of the user's tokens, and every gateway look whether the streams that were opened
 * with them may go on. Call it after each change of rights or credentials.
 */
export function announceChange(rooms: Rooms, user: UserId): void {
  rooms.resolver.forget(user);
  rooms.ports.signals.publish(USER_CHANGED, { user_id: user } satisfies UserChanged);
}

/** Listens to other processes' changes. */
export function followChanges(rooms: Rooms): void {
  rooms.ports.signals.subscribe(USER_CHANGED, (data) => rooms.resolver.forget((data as UserChanged).user_id));
}
