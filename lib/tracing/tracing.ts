// Traces as the code sees them that is traced: spans around work, and where the work stands. Off, all of it does nothing, and nothing
// of OpenTelemetry is loaded; on, it is open-tracing.ts. No text, argument, result or secret is ever an attribute: names from closed
// lists, ids, numbers.
import type { Middleware, ServiceBroker } from "moleculer";

export type Attributes = Record<string, string | number | boolean | undefined>;

export type SpanStart = {
  name: string;
  /** `server`: begun elsewhere, `client`: goes on elsewhere. */
  kind: "internal" | "server" | "client";
  attributes: Attributes;
  /** A `traceparent`; what the work is part of now unless given. Without one nothing is traced. */
  parent?: string | undefined;
};

export type Span = {
  /** Where it stands, for what goes on elsewhere or later. */
  readonly traceparent: string;
  /** As log lines carry them. */
  readonly ids: { trace_id: string; span_id: string };
  add(attributes: Attributes): void;
  /** @param isFault the work could not be done, for no reason of whoever asked for it */
  failed(type: string, isFault?: boolean): void;
  end(): void;
};

export type Tracing = {
  /**
   * A span that its caller ends.
   * @param start with `parent` null: the first one of a trace
   */
  begin(start: Omit<SpanStart, "parent"> & { parent?: string | null | undefined }): Span | undefined;
  /** Does the work as part of the span. */
  within<Result>(span: Span | undefined, work: () => Result): Result;
  /** What is done now is part of it; none when it has ended. */
  current(): Span | undefined;
  /** What is put around calls between services: outermost, and next to the handler (trace-calls.ts). */
  calls?: { around: Middleware; inside: Middleware };
};

export const NO_TRACING: Tracing = {
  begin: () => undefined,
  within: (_span, work) => work(),
  current: () => undefined,
};

/** Does the work in a span of its own, which ends with it. What it throws passes on; it is not part of the trace. */
export async function spanned<Result>(
  tracing: Tracing,
  start: SpanStart,
  work: (span: Span | undefined) => Promise<Result>,
): Promise<Result> {
  const span = tracing.begin(start);
  try {
    return await tracing.within(span, () => work(span));
  } catch (thrown) {
    const { type, code } = Object(thrown) as { type?: unknown; code?: unknown };
    span?.failed(typeof type === "string" ? type : "internal", typeof code !== "number" || code >= 500);
    throw thrown;
  } finally {
    span?.end();
  }
}

/** The tracing of the process that the broker runs in. */
export function tracingOf(broker: ServiceBroker): Tracing {
  return broker.core.tracing;
}
