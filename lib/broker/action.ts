// How a service declares an action: access rule, one zod schema for what comes in, and a handler that gets both checked.
import type { ActionSchema, Context, Service } from "moleculer";
import type { z } from "zod";
import type { Access, Caller } from "../../contracts/access.ts";
import { AppError } from "../errors.ts";
import { checkFields } from "../field-errors.ts";

type Definition<This, Schema extends z.ZodType, Result> = {
  access: Access;
  input: Schema;
  /** Milliseconds, 0 for none; the broker's request timeout unless said. */
  timeout?: number;
  /** The handler may hold many at once for long (a run, a tool), so it gets a bulkhead of its own size. */
  concurrency?: number;
  handler(this: This, params: z.output<Schema>, caller: Caller, ctx: Context): Promise<Result>;
};

/** What an action without a caller (`access: public`) is given, so that handlers need no case for it. */
const NOBODY: Caller = { user_id: "" as Caller["user_id"], role: "free_user", plan: "", scopes: [] };

/**
 * A Moleculer action whose handler only ever sees parameters that fit the schema and a verified caller.
 * Throws `invalid_request` with the paths of what does not fit.
 */
export function action<This = Service, Schema extends z.ZodType = z.ZodType, Result = unknown>(
  definition: Definition<This, Schema, Result>,
): ActionSchema {
  const { access, input, handler } = definition;
  return {
    access,
    // Any service may call it, no gateway of the library's may publish it: over HTTP there is the route table alone.
    visibility: "public",
    ...(definition.timeout === undefined ? {} : { timeout: definition.timeout }),
    ...(definition.concurrency === undefined
      ? {}
      : { bulkhead: { enabled: true, concurrency: definition.concurrency, maxQueueSize: 100 } }),
    handler(this: Service, ctx: Context) {
      const params = parse(input, ctx.params);
      return handler.call(this as unknown as This, params, ctx.locals.caller ?? NOBODY, ctx);
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
