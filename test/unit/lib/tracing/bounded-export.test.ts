// What a collector that is slow may cost: no more than what waits, and that is counted.
import { expect, test } from "@jest/globals";
import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace";
import { BoundedExport } from "../../../../lib/tracing/bounded-export.ts";

const span = (traceFlags: number) =>
  ({
    spanContext: () => ({ traceId: "a".repeat(32), spanId: "b".repeat(16), traceFlags }),
    resource: {},
  }) as ReadableSpan;

type Done = Parameters<SpanExporter["export"]>[1];

test("spans that find no room are lost and counted, and there is room again once the collector has taken some", async () => {
  const lost: [number, string][] = [];
  const asked: { count: number; done: Done }[] = [];
  const exporter: SpanExporter = {
    export: (spans, done) => void asked.push({ count: spans.length, done }),
    shutdown: async () => undefined,
  };
  const bounded = new BoundedExport(exporter, (count, why) => void lost.push([count, why]));
  for (let n = 0; n < 2_050; n += 1) bounded.onEnd(span(1));
  expect(lost).toEqual(Array(2).fill([1, "no room"]));
  expect(asked).toHaveLength(1);
  asked[0]?.done({ code: 0 });
  bounded.onEnd(span(1));
  expect(lost).toHaveLength(2);
  asked.forEach(({ done }) => void done({ code: 0 }));
});

test("what the collector refuses is lost and counted once, and nothing is thrown", () => {
  const lost: unknown[] = [];
  const exporter: SpanExporter = {
    export: (_spans, done) => done({ code: 1, error: new Error("Bad Request") }),
    shutdown: async () => undefined,
  };
  const bounded = new BoundedExport(exporter, (...what) => void lost.push(what));
  for (let n = 0; n < 512; n += 1) bounded.onEnd(span(1));
  expect(lost).toEqual([[512, "not taken", "Bad Request"]]);
});

test("what is not traced waits nowhere", () => {
  const exporter: SpanExporter = { export: () => undefined, shutdown: async () => undefined };
  const bounded = new BoundedExport(exporter, () => {
    throw new Error("it was counted");
  });
  for (let n = 0; n < 3_000; n += 1) bounded.onEnd(span(0));
});
