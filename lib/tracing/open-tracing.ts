// Tracing that is on, by OpenTelemetry's own SDK: the only file besides bounded-export.ts that knows it. Loaded where the environment
// names a collector, and nowhere else. Names are those of the semantic conventions 1.45.
import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import {
  type Context,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { ParentBasedSampler, TraceIdRatioBasedSampler, TracerProvider } from "@opentelemetry/sdk-trace";
import type { TracingSettings } from "../env/tracing.ts";
import { BoundedExport, type Lost } from "./bounded-export.ts";
import { enterTraces, traceCalls } from "./trace-calls.ts";
import { readTraceParent, writeTraceParent } from "./trace-parent.ts";
import type { Attributes, Span, Tracing } from "./tracing.ts";

/** How long a stop waits until the collector has what was traced last. */
const FLUSH_MS = 2_000;
/** How long one message to the collector may take, tries included. */
const SEND_MS = 5_000;
const KINDS = { internal: SpanKind.INTERNAL, server: SpanKind.SERVER, client: SpanKind.CLIENT };

export type OpenTracing = Tracing & {
  /** Sends what is left, in bounded time. */
  close(): Promise<void>;
};

type Options = TracingSettings & {
  version: string;
  /** Attributes of the process. */
  about: Attributes;
  /** Told of spans that did not reach the collector. */
  lost: Lost;
};

export function openTracing({ endpoint, ratio, resource, version, about, lost }: Options): OpenTracing {
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      "service.version": version,
      "service.instance.id": randomUUID(),
      ...about,
      ...resource,
    }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [
      new BoundedExport(new OTLPTraceExporter({ url: endpoint, timeoutMillis: SEND_MS }), lost),
    ],
  });
  const tracer = provider.getTracer("macjarvis", version);
  const active = new AsyncLocalStorage<OneSpan>();
  const current = () => {
    const span = active.getStore();
    return span?.hasEnded ? undefined : span;
  };
  const tracing: Tracing = {
    begin({ name, kind, attributes, parent = current()?.traceparent }) {
      const above = parent === null ? ROOT_CONTEXT : contextOf(parent);
      return (
        above &&
        new OneSpan(tracer.startSpan(name, { kind: KINDS[kind], attributes: set(attributes) }, above))
      );
    },
    // Ours alone: nobody else makes spans.
    within: (span, work) => (span ? active.run(span as OneSpan, work) : work()),
    current,
  };
  return {
    ...tracing,
    calls: { around: traceCalls(tracing), inside: enterTraces(tracing) },
    async close() {
      await Promise.race([provider.shutdown(), wait(FLUSH_MS, undefined, { ref: false })]);
    },
  };
}

class OneSpan implements Span {
  readonly #span: OtelSpan;
  readonly traceparent: string;
  readonly ids: Span["ids"];
  hasEnded = false;

  constructor(span: OtelSpan) {
    const { traceId, spanId, traceFlags } = span.spanContext();
    this.#span = span;
    this.traceparent = writeTraceParent({ traceId, spanId, flags: traceFlags });
    this.ids = { trace_id: traceId, span_id: spanId };
  }

  add(attributes: Attributes): void {
    this.#span.setAttributes(set(attributes));
  }

  failed(type: string, isFault = true): void {
    this.#span.setAttribute("error.type", type);
    if (isFault) this.#span.setStatus({ code: SpanStatusCode.ERROR });
  }

  end(): void {
    this.hasEnded = true;
    this.#span.end();
  }
}

function contextOf(parent: string | undefined): Context | undefined {
  const read = readTraceParent(parent);
  if (!read) return undefined;
  const { traceId, spanId, flags: traceFlags } = read;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}

/** Without those that are not there. */
function set(attributes: Attributes): Record<string, string | number | boolean> {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
