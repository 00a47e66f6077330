// An action as a service declares it, checked against contracts/actions.ts, and what Moleculer makes of it: access rule, one zod
// schema for what comes in, and a handler that gets both checked.
// And typed calls between services: the name decides the parameters and the result.
import type { ActionSchema, Context, Service, ServiceBroker } from "moleculer";
import type { z } from "zod";
import type { Access, Caller } from "../../contracts/access.ts";
import type { ActionName, GivenTo, InputOf, ParamsOf, ResultOf } from "../../contracts/actions.ts";
import { AppError } from "../errors.ts";
import { checkFields } from "../field-errors.ts";

type Definition<Name extends ActionName, This> = {
  access: Access;
  input: InputOf<Name>;
  /** Milliseconds, 0 for none; the broker's request timeout unless said. */
  timeout?: number;
  /** The handler may hold many at once for long (a run, a tool), so it gets a bulkhead of its own size. */
  concurrency?: number;
  /** Sees only parameters that fit the schema and a verified caller; answers what the contract promises. */
  handler(this: This, params: GivenTo<Name>, caller: Caller, ctx: Context): Promise<ResultOf<Name>>;
};

declare const OF: unique symbol;
/** Moleculer's schema of the action `Name`, for services of the type `This`. */
export type Action<Name extends ActionName, This> = ActionSchema & {
  readonly [OF]?: { name: Name; service: (service: This) => void };
};

/** What an action without a caller (`access: public`) is given, so that handlers need no case for it. */
const NOBODY: Caller = { user_id: "" as Caller["user_id"], role: "free_user", plan: "", scopes: [] };

/**
 * An action of a service; its name comes from the place where it stands (define-service.ts).
 * It refuses with `invalid_request` and the paths of what does not fit.
 */
export function action<Name extends ActionName, This>(
  definition: Definition<Name, This>,
): Action<Name, This> {
  const { access, input, timeout, concurrency, handler } = definition;
  return {
    access,
    // Any service may call it, no gateway of the library's may publish it: over HTTP there is the route table alone.
    visibility: "public",
    ...(timeout === undefined ? {} : { timeout }),
    ...(concurrency === undefined ? {} : { bulkhead: { enabled: true, concurrency, maxQueueSize: 100 } }),
    handler(this: Service, ctx: Context) {
      const params = parse(input, ctx.params) as GivenTo<Name>;
      return handler.call(this as This, params, ctx.locals.caller ?? NOBODY, ctx);
    },
  };
}

/** Checks a value against the schema of its boundary. Throws `invalid_request`; the paths are dotted. */
export function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = checkFields(schema, value ?? {});
  if (result.ok) return result.data;
  const errors = result.faults;
  const first = errors[0];
  const where = first?.path ? `"${first.path}": ` : "";
  throw new AppError("invalid_request", `${where}${first?.message ?? "does not fit"}`, { errors });
}

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
