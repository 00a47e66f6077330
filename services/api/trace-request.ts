// A request as the first span of its trace; or as part of the trace of whoever sent it, where that one is trusted: a stranger's
// `traceparent` would have requests traced that should not be, and put them into other people's traces.
import type { ServerResponse } from "node:http";
import { readTraceParent } from "../../lib/tracing/trace-parent.ts";
import type { Span, Tracing } from "../../lib/tracing/tracing.ts";
import type { TrustedProxies } from "./authenticate.ts";
import type { Received } from "./gate.ts";
import { fullPath, type Route } from "./routes.ts";

/** @returns its span, which ends when the answer is out or the client is gone */
export type TraceRequest = (route: Route, request: Received, response: ServerResponse) => Span | undefined;

/** @param isTraceSource whose `traceparent` is taken over */
export function requestTracer(tracing: Tracing, isTraceSource: TrustedProxies): TraceRequest {
  return (route, request, response) => {
    // What looks after the server asks for these all the time.
    if (route.path.startsWith("/health/")) return undefined;
    const given = isTraceSource(request.socket.remoteAddress ?? "") ? request.headers.traceparent : undefined;
    const path = fullPath(route);
    const span = tracing.begin({
      name: `${request.method} ${path}`,
      kind: "server",
      parent: readTraceParent(given) ? String(given) : null,
      attributes: {
        "http.request.method": request.method,
        "http.route": path,
        "macjarvis.request.id": request.requestId,
      },
    });
    if (!span) return undefined;
    request.trace = span.ids;
    response.setHeader("traceresponse", span.traceparent);
    response.once("close", () => {
      const { statusCode } = response;
      span.add({ "http.response.status_code": statusCode });
      if (statusCode >= 500) span.failed(String(statusCode));
      span.end();
    });
    return span;
  };
}
