// Moleculer middleware: no action runs before its caller is verified against its access rule. It stands outside the cache,
// so that a cached answer is never given to somebody who may not have it.
import type { ActionHandler, ActionSchema, Context, Middleware, Service } from "moleculer";
import type { Access, Caller } from "../../contracts/access.ts";
import { AppError } from "../errors.ts";
import type { Identity } from "../identity.ts";
import { isAdmin, requireScope } from "../rights.ts";

/** Actions of libraries that no caller can name: they are private to their own service. */
const PRIVATE = new Set(["api.rest"]);

/** Checks `ctx.meta.identity` on this process, whichever process the call came from. */
export function authorization(identity: Identity): Middleware {
  return {
    name: "Authorization",
    localAction(next: ActionHandler, action: ActionSchema): ActionHandler {
      const name = action.name ?? "";
      if (PRIVATE.has(name)) return next;
      const access = action.access;
      if (!access)
        throw new Error(`action ${name} has no access rule: declare one with action({ access, … })`);
      return function authorize(this: Service, ctx: Context) {
        try {
          const caller = verify(identity, access, ctx);
          if (caller) ctx.locals.caller = caller;
        } catch (error) {
          return Promise.reject(error);
        }
        return next.call(this, ctx);
      };
    },
  };
}

function verify(identity: Identity, access: Access, ctx: Context): Caller | undefined {
  if (access.kind === "public") return undefined;
  const caller = identity.verify((ctx.meta as { identity?: unknown }).identity);
  if (access.kind === "internal") {
    if (!caller.service) throw new AppError("forbidden", "Only a core service may call this.");
    return caller;
  }
  // A service that acts for a user has been checked where the user came in.
  if (caller.service) return caller;
  if (access.admin && !isAdmin(caller)) throw new AppError("forbidden", "Only an admin may do this.");
  if (access.scope) requireScope(caller, access.scope);
  return caller;
}
