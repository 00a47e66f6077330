// Typed calls between services: the name decides the parameters and the result (contracts/actions.ts).
import type { Context, ServiceBroker } from "moleculer";
import type { Caller } from "../../contracts/access.ts";
import type { ActionName, ParamsOf, ResultOf } from "../../contracts/actions.ts";
import type { Identity } from "../identity.ts";

type CallOptions = { timeout?: number; nodeID?: string; requestID?: string };

/** Calls on behalf of whoever called us: the identity travels on with `ctx.meta`. */
export function call<Name extends ActionName>(
  ctx: Context,
  name: Name,
  params: ParamsOf<Name>,
  options: CallOptions = {},
): Promise<ResultOf<Name>> {
  return ctx.call(name, params as object, options) as Promise<ResultOf<Name>>;
}

const identities = new WeakMap<ServiceBroker, Identity>();

/** Makes the process's identity key known to the services of a broker. */
export function bindIdentity(broker: ServiceBroker, identity: Identity): void {
  identities.set(broker, identity);
}

export function identityOf(broker: ServiceBroker): Identity {
  const identity = identities.get(broker);
  if (!identity) throw new Error("no identity is bound to this broker: start it with moleculer.config.ts");
  return identity;
}

/** Calls as a core service, for the user in `caller` (or for nobody in particular). */
export function callAs<Name extends ActionName>(
  broker: ServiceBroker,
  service: string,
  caller: Omit<Caller, "service">,
  name: Name,
  params: ParamsOf<Name>,
  options: CallOptions = {},
): Promise<ResultOf<Name>> {
  const identity = identityToken(broker, caller, service);
  return broker.call(name, params as object, { ...options, meta: { identity } }) as Promise<ResultOf<Name>>;
}

/** A run calls many times for one caller: its token is signed once a minute, not once a call. */
const REUSED_MS = 60_000;
const tokens = new WeakMap<object, Map<string, { token: string; until: number }>>();

/** The internal token of a caller object, made anew when it grows old. @param service the service that acts for it */
export function identityToken(broker: ServiceBroker, caller: Omit<Caller, "service">, service = ""): string {
  const byService = tokens.get(caller) ?? new Map<string, { token: string; until: number }>();
  tokens.set(caller, byService);
  const known = byService.get(service);
  const now = Date.now();
  if (known && known.until > now) return known.token;
  const token = identityOf(broker).sign(service === "" ? caller : { ...caller, service }, now);
  byService.set(service, { token, until: now + REUSED_MS });
  return token;
}

/** A caller that stands for the system itself: sweeps, recovery, sagas. */
export const SYSTEM: Omit<Caller, "service"> = {
  user_id: "" as Caller["user_id"],
  role: "free_user",
  plan: "",
  scopes: "all",
};
