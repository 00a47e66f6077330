// Lets nothing run on this Mac without a grant: mac-guard.ts has looked at it, and this is where its word is heeded.
import type { ActionHandler, Context, Middleware, Service } from "moleculer";
import { AppError } from "../../lib/errors.ts";
import type { GrantedMeta } from "./mac-guard.ts";

export function onlyGranted(refused: (action: string, why: string) => void): Middleware {
  return {
    name: "OnlyGranted",
    localAction(next: ActionHandler, action): ActionHandler {
      return function requireGrant(this: Service, ctx: Context) {
        const { granted, refusal = "it has no grant" } = ctx.meta as GrantedMeta;
        if (granted) return next.call(this, ctx);
        refused(action.name ?? "", refusal);
        return Promise.reject(new AppError("forbidden", `This Mac does not do it: ${refusal}.`));
      };
    },
  };
}
