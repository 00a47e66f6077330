// Typed calls between services: the name decides the parameters and the result (contracts/actions.ts).
import type { Context, ServiceBroker } from "moleculer";
import type { Caller } from "../../contracts/access.ts";
import type { ActionName, ParamsOf, ResultOf } from "../../contracts/actions.ts";

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

/** Calls with parameters as they came from outside: only the action can judge them, and refuses what does not fit. */
export function callUnchecked<Name extends ActionName>(
  broker: ServiceBroker,
  name: Name,
  params: Record<string, unknown>,
  options: CallOptions & { meta: object },
): Promise<ResultOf<Name>> {
  return broker.call(name, params, options) as Promise<ResultOf<Name>>;
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
  const identity = broker.core.identity.tokenOf(caller, service);
  return broker.call(name, params as object, { ...options, meta: { identity } }) as Promise<ResultOf<Name>>;
}

/** A caller that stands for the system itself: sweeps, recovery, sagas. */
export const SYSTEM: Omit<Caller, "service"> = {
  user_id: "" as Caller["user_id"],
  role: "free_user",
  plan: "",
  scopes: "all",
};
