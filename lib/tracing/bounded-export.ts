// The way of ended spans to the collector. A collector that is slow or away costs a bounded amount of memory and nothing else: what
// finds no room or is not taken is lost, and counted.
import { BatchSpanProcessor, type ReadableSpan, type SpanExporter } from "@opentelemetry/sdk-trace";

/** Spans that wait to be sent: about 2 MB. */
const MOST_WAITING = 2_048;
const SEND_EVERY_MS = 1_000;
/** Of the codes with which an exporter ends. */
const SENT = 0;

export type Lost = (count: number, why: "no room" | "not taken", detail: string) => void;

export class BoundedExport extends BatchSpanProcessor {
  readonly #lost: Lost;
  readonly #waiting: { count: number };

  constructor(exporter: SpanExporter, lost: Lost) {
    const waiting = { count: 0 };
    super({
      exporter: told(exporter, waiting, lost),
      maxQueueSize: MOST_WAITING,
      scheduledDelayMillis: SEND_EVERY_MS,
    });
    this.#lost = lost;
    this.#waiting = waiting;
  }

  override onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & 1) === 0) return;
    if (this.#waiting.count >= MOST_WAITING) {
      this.#lost(1, "no room", "too many wait to be sent");
      return;
    }
    this.#waiting.count += 1;
    super.onEnd(span);
  }
}

/** The exporter, with what it takes counted as not waiting any more and what it fails to send as lost. */
function told(exporter: SpanExporter, waiting: { count: number }, lost: Lost): SpanExporter {
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        waiting.count -= spans.length;
        if (result.code !== SENT) lost(spans.length, "not taken", result.error?.message ?? "");
        // Told already: what waits goes on.
        done({ code: SENT });
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  };
}
