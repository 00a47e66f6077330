// Moleculer middlewares that make calls between services part of their trace, here and over the bus. Loaded only where tracing is on.
import type { ActionHandler, ActionSchema, Context, Middleware, Service, ServiceBroker } from "moleculer";
import type { Span, SpanStart, Tracing } from "./tracing.ts";
import { spanned } from "./tracing.ts";

const spanOf = new WeakMap<Context, Span>();

/**
 * The outermost one: a span for each call that is part of a trace, from its caller's side where it goes to another process, and from
 * the other side there.
 */
export function traceCalls(tracing: Tracing): Middleware {
  let broker: ServiceBroker;
  return {
    name: "TraceCalls",
    created(created: ServiceBroker) {
      broker = created;
    },
    remoteAction(next: ActionHandler, action: ActionSchema): ActionHandler {
      return function ask(this: Service, ctx: Context) {
        if (!tracing.current()) return next.call(this, ctx);
        const start = startOf(action, "client", ctx.nodeID);
        return spanned(tracing, start, (span) => {
          if (span) Object.assign(ctx.meta, { traceparent: span.traceparent });
          return next.call(this, ctx);
        });
      };
    },
    localAction(next: ActionHandler, action: ActionSchema): ActionHandler {
      return function answer(this: Service, ctx: Context) {
        const isForeign = ctx.nodeID !== broker.nodeID;
        const { traceparent } = ctx.meta as { traceparent?: string };
        if (isForeign ? traceparent === undefined : !tracing.current()) return next.call(this, ctx);
        const start = startOf(action, isForeign ? "server" : "internal");
        return spanned(tracing, isForeign ? { ...start, parent: traceparent } : start, (span) => {
          if (span) spanOf.set(ctx, span);
          return next.call(this, ctx);
        });
      };
    },
  };
}

/** The innermost one: a handler that has waited in line is begun by whoever has made room for it, in that one's trace. */
export function enterTraces(tracing: Tracing): Middleware {
  return {
    name: "EnterTraces",
    localAction(next: ActionHandler): ActionHandler {
      return function enter(this: Service, ctx: Context) {
        const span = spanOf.get(ctx);
        return span ? tracing.within(span, () => next.call(this, ctx)) : next.call(this, ctx);
      };
    },
  };
}

function startOf({ name = "" }: ActionSchema, kind: SpanStart["kind"], to?: string | null): SpanStart {
  const attributes = {
    "rpc.system.name": "moleculer",
    "rpc.method": name,
    "server.address": to ?? undefined,
  };
  return { name, kind, attributes };
}
