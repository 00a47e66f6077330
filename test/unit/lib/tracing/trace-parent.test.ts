import { expect, test } from "@jest/globals";
import { readTraceParent, writeTraceParent } from "../../../../lib/tracing/trace-parent.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";

test("what is written is read", () => {
  for (const flags of [0, 1]) {
    const at = { traceId: TRACE, spanId: SPAN, flags };
    expect(readTraceParent(writeTraceParent(at))).toEqual(at);
  }
});

test("flags that nobody knows count as not set", () => {
  expect(readTraceParent(`00-${TRACE}-${SPAN}-ff`)).toEqual({ traceId: TRACE, spanId: SPAN, flags: 1 });
  expect(readTraceParent(`00-${TRACE}-${SPAN}-02`)).toEqual({ traceId: TRACE, spanId: SPAN, flags: 0 });
});

test.each([
  ["nothing", undefined],
  ["no text", 12],
  ["an empty one", ""],
  ["capitals", `00-${TRACE.toUpperCase()}-${SPAN}-01`],
  ["another version", `01-${TRACE}-${SPAN}-01`],
  ["a trace of zeros", `00-${"0".repeat(32)}-${SPAN}-01`],
  ["a span of zeros", `00-${TRACE}-${"0".repeat(16)}-01`],
  ["one that goes on", `00-${TRACE}-${SPAN}-01-more`],
  ["a line end", `00-${TRACE}-${SPAN}-01\n`],
  ["two", `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`],
])("%s is none", (_what, text) => {
  expect(readTraceParent(text)).toBeUndefined();
});
