// What our middlewares add to Moleculer's types.
import type { Access, Caller } from "./access.ts";

declare module "moleculer" {
  interface ActionSchema {
    /** Who may call it: checked by the authorization middleware before the cache. Without one the broker does not start. */
    access?: Access;
    /** Milliseconds, instead of the broker's request timeout; 0 for none. */
    timeout?: number;
  }
  interface ContextLocals {
    caller?: Caller;
  }
}
