// Whose trace a call is part of, where asynchronous context alone would be wrong.
import { afterEach, expect, test } from "@jest/globals";
import { ServiceBroker } from "moleculer";
import { openTracing } from "../../../../lib/tracing/open-tracing.ts";
import { type Span, spanned, type Tracing } from "../../../../lib/tracing/tracing.ts";
import { type Collector, startCollector } from "../../../support/collector.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function traced(): Promise<{ tracing: Tracing; collector: Collector; sent(): Promise<void> }> {
  const collector = await startCollector();
  const tracing = openTracing({
    ...{ endpoint: `${collector.url}/v1/traces`, ratio: 1, resource: {}, about: {}, version: "1" },
    lost: () => undefined,
  });
  closing.push(() => collector.close());
  return { tracing, collector, sent: tracing.close };
}

const first = (name: string) => ({ name, kind: "internal" as const, attributes: {}, parent: null });

test("a call that waited in line is part of its own caller's trace, not of that of who made room for it", async () => {
  const { tracing, collector, sent } = await traced();
  const { around, inside } = tracing.calls ?? {};
  const broker = new ServiceBroker({
    logger: false,
    internalServices: false,
    bulkhead: { enabled: true, concurrency: 1, maxQueueSize: 10 },
    internalMiddlewares: false,
    middlewares: [inside ?? {}, "ActionHook", "Bulkhead", around ?? {}],
  });
  const held: (() => void)[] = [];
  const seen: (string | undefined)[] = [];
  broker.createService({
    name: "slow",
    actions: {
      async work() {
        seen.push(tracing.current()?.ids.trace_id);
        await new Promise<void>((resolve) => void held.push(resolve));
      },
    },
  });
  await broker.start();
  closing.push(() => broker.stop());
  const spans = ["one", "two"].map((name) => tracing.begin(first(name)) as Span);
  const calls = spans.map((span) => tracing.within(span, () => broker.call("slow.work")));
  for (const call of calls) {
    held.shift()?.();
    await call;
  }
  expect(seen).toEqual(spans.map(({ ids }) => ids.trace_id));
  for (const span of spans) span.end();
  await sent();
  const works = collector.spans.filter(({ name }) => name === "slow.work");
  expect(works.map(({ parentSpanId }) => parentSpanId)).toEqual(spans.map(({ ids }) => ids.span_id));
});

test("what goes on after a span has ended, as a timer does that it began, is part of no trace", async () => {
  const { tracing, sent } = await traced();
  const later = Promise.withResolvers<void>();
  const span = tracing.begin(first("one")) as Span;
  const after = tracing.within(span, () => later.promise.then(() => tracing.current()));
  span.end();
  later.resolve();
  expect(await after).toBeUndefined();
  await sent();
});

test("a refusal is told as what it is and is no fault; what is thrown passes on and its words are not sent", async () => {
  const { tracing, collector, sent } = await traced();
  const root = tracing.begin(first("root")) as Span;
  const thrown = [
    Object.assign(new Error("a secret text"), { type: "session_not_found", code: 404 }),
    new Error("a secret text"),
  ];
  for (const error of thrown)
    await tracing.within(root, () =>
      expect(
        spanned(tracing, { name: "work", kind: "internal", attributes: {} }, () => Promise.reject(error)),
      ).rejects.toBe(error),
    );
  root.end();
  await sent();
  const works = collector.spans.filter(({ name }) => name === "work");
  expect(works.map(({ attributes, isFault }) => [attributes["error.type"], isFault])).toEqual([
    ["session_not_found", false],
    ["internal", true],
  ]);
  expect(collector.raw()).not.toContain("secret");
});
