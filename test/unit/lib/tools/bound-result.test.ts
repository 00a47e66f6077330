import { describe, expect, test } from "@jest/globals";
import { isPlain, readObject } from "../../../../lib/edge/bus/plain.ts";
import { boundResult } from "../../../../lib/tools/bound-result.ts";

const size = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

describe("the bound of a result", () => {
  test("what fits stays as it is", () => {
    expect(boundResult({ ok: true, data: { a: [1, "b"] } })).toEqual({ ok: true, data: { a: [1, "b"] } });
  });

  test("long strings lose their middle and the result says that it is cut", () => {
    const result = boundResult({ ok: true, stdout: `start${"x".repeat(3_000_000)}end` });
    expect(result.truncated).toBe(true);
    expect(result.stdout).toMatch(/^start.*\n… \d+ characters left out …\n.*end$/);
    expect(Buffer.byteLength(result.stdout ?? "")).toBeLessThanOrEqual(1_048_676);
  });

  test("a mebibyte of lines in each stream stays whole", () => {
    const lines = "123456789\n".repeat(104_857);
    const result = { ok: true, exit_code: 0, stdout: lines, stderr: lines, truncated: false };
    expect(boundResult(result)).toEqual(result);
  });

  test("bytes that are no text do not become many times as long", () => {
    const result = boundResult({ ok: true, stdout: "\0".repeat(1_000_000) });
    expect(result.truncated).toBe(true);
    expect(size(result)).toBeLessThanOrEqual(2_200_000);
  });

  test("a tighter bound holds for the streams too", () => {
    const result = boundResult({ ok: true, stdout: "x".repeat(100_000), data: "y".repeat(100_000) }, 10_000);
    expect(size(result)).toBeLessThanOrEqual(30_000);
    expect(result).toMatchObject({ ok: true, truncated: true });
  });

  test("long lists are cut and say how much is missing", () => {
    const data = Array.from({ length: 100_000 }, (_, n) => `line ${n} ${"y".repeat(50)}`);
    const result = boundResult({ ok: true, data });
    expect(size(result)).toBeLessThanOrEqual(1_048_576);
    expect((result.data as string[]).at(-1)).toMatch(/more left out$/);
  });

  test("whatever else is too large keeps its ok and its error", () => {
    const wide = Object.fromEntries(
      Array.from({ length: 200 }, (_, n) => [
        `${n}`,
        Object.fromEntries(Array.from({ length: 200 }, (_, m) => [`${m}`, "z".repeat(200)])),
      ]),
    );
    const result = boundResult({ ok: false, error: { code: "x", message: "y" }, data: wide });
    expect(size(result)).toBeLessThanOrEqual(1_048_576);
    expect(result).toMatchObject({ ok: false, error: { code: "x" }, truncated: true });
  });

  test("a hub can read it: however deep it is, whatever it names, and of how many small parts it is made", () => {
    let deep: unknown = "end";
    for (let level = 0; level < 500; level += 1) deep = level % 2 === 0 ? { deep } : [deep];
    const named = JSON.parse('{"constructor": "Ferrari", "__proto__": {"x": 1}, "prototype": [2]}');
    const wide = Array.from({ length: 300_000 }, (_, index) => ({ [`${index % 10}`]: 0 }));
    for (const data of [deep, named, wide, wide.map(() => [])]) {
      const said = readObject(
        Buffer.from(JSON.stringify({ data: { result: boundResult({ ok: true, data }) } })),
      );
      expect(isPlain(said)).toBe(true);
    }
    expect(boundResult({ ok: true, data: named }).data).toEqual({
      ...{ _constructor: "Ferrari", ___proto__: { x: 1 }, _prototype: [2] },
    });
    expect(JSON.stringify(boundResult({ ok: true, data: deep }))).toContain("deeper parts left out");
  });

  test("half a surrogate pair is never left over", () => {
    const result = boundResult({ ok: true, data: `x${"🦜".repeat(400_000)}` });
    expect(String(result.data).isWellFormed()).toBe(true);
  });

  test.each([
    ["nothing", undefined],
    [
      "a circle",
      (() => {
        const circle: Record<string, unknown> = { ok: true };
        circle.self = circle;
        return circle;
      })(),
    ],
    ["a big integer", { ok: true, data: 1n }],
    ["no ok", { data: 1 }],
  ])("%s is a failure that the model can read", (_name, value) => {
    expect(boundResult(value)).toMatchObject({ ok: false, error: { code: "bad_result" } });
  });
});
