// The load client's check of its streams: a benchmark that does not see a lost token would praise the system that loses it.
import { describe, expect, test } from "@jest/globals";
import { FrameReader } from "../../../bench/client/frames.ts";
import { TokenCheck } from "../../../bench/client/token-check.ts";
import { readScript, writeScript, writeToken } from "../../../bench/measure/script.ts";

const tokens = (...numbers: number[]) => numbers.map((number) => writeToken(number, 1_000 + number, 900));

function checked(expected: number, pieces: string[]): string | undefined {
  const check = new TokenCheck(expected, () => undefined);
  for (const piece of pieces) check.feed(piece);
  check.end();
  return check.fault;
}

describe("the check of a stream", () => {
  test("passes an answer that is whole, wherever it was cut", () => {
    const text = tokens(0, 1, 2).join("");
    expect(checked(3, [...text])).toBeUndefined();
    expect(checked(3, [text])).toBeUndefined();
  });

  test("sees what is lost, doubled, reordered, changed or cut off", () => {
    expect(checked(3, tokens(0, 2))).toBe("token 2 came where 1 was due");
    expect(checked(3, tokens(0, 1, 1, 2))).toBe("token 1 came where 2 was due");
    expect(checked(3, tokens(1, 0, 2))).toBe("token 1 came where 0 was due");
    expect(checked(2, ["0:rs:p0 ", "1:r! "])).toBe('"1:r!" is no token');
    expect(checked(3, tokens(0, 1))).toBe("2 of 3 tokens came");
    expect(checked(2, ["0:rs:p0 1:rt"])).toBe('the text ends with "1:rt"');
  });

  test("a gap in the numbers of the events is a fault", () => {
    const frames = new FrameReader("agent");
    const feed = (id: number) => () =>
      frames.feed(Buffer.from(`id: ${id}\nevent: usage\ndata: {}\n\n`), () => undefined);
    expect(feed(1)).not.toThrow();
    expect(feed(3)).toThrow("event 3 came after 1");
  });

  test("a run that failed is a fault", () => {
    const ends: unknown[] = [];
    const frames = new FrameReader("agent");
    frames.feed(Buffer.from('id: 1\nevent: done\ndata: {"status":"failed"}\n\n'), (frame) =>
      ends.push(frame),
    );
    expect(ends).toEqual([{ type: "end", fault: "the run ended failed" }]);
  });
});

describe("the script in a message", () => {
  test("is read from the last user message, and its tool is called once", () => {
    const user = (tool?: string) => ({
      role: "user",
      content: writeScript({ tokens: 3, rate: 0, thinkMs: 5, ...(tool ? { tool } : {}) }),
    });
    const ask = JSON.stringify({ messages: [user(), user("bench_wait")] });
    expect(readScript(ask)).toEqual({ tokens: 3, rate: 0, thinkMs: 5, tool: "bench_wait" });
    const answered = JSON.stringify({ messages: [user("bench_wait"), { role: "tool", content: "{}" }] });
    expect(readScript(answered)).toEqual({ tokens: 3, rate: 0, thinkMs: 5 });
  });

  test("a request without one is refused", () => {
    expect(() => readScript('{"messages":[]}')).toThrow("no bench script");
  });
});
