// Where in a trace something stands, as text: the header `traceparent` of W3C Trace Context, version 00. In this form it comes with
// requests, crosses the bus, and is kept with a run.

/** `00-<trace>-<span>-<flags>`; neither id may be all zeros. */
const FORM = /^00-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})$/;

export type TraceParent = { traceId: string; spanId: string; flags: number };

/** What the text says, or undefined when it is none. Flags that are not known count as not set. */
export function readTraceParent(text: unknown): TraceParent | undefined {
  const [, traceId, spanId, flags] = (typeof text === "string" && FORM.exec(text)) || [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, flags: Number.parseInt(flags, 16) & 1 };
}

export function writeTraceParent({ traceId, spanId, flags }: TraceParent): string {
  return `00-${traceId}-${spanId}-0${flags & 1}`;
}
