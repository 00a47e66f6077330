import { setImmediate as tick } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { Bucket } from "../../../../lib/bucket.ts";
import { LIVE_LIMIT, LiveOutput, type OutputPiece } from "../../../../mac-node/calls/live-output.ts";

function collected() {
  const pieces: OutputPiece[] = [];
  return { pieces, live: new LiveOutput((piece) => pieces.push(piece)) };
}

describe("live output", () => {
  test("small writes are gathered and streams keep their order", () => {
    const { pieces, live } = collected();
    live.add("stdout", "a");
    live.add("stdout", "b");
    live.add("stderr", "c");
    live.add("stdout", "d");
    live.end();
    expect(pieces).toEqual([
      { stream: "stdout", text: "ab" },
      { stream: "stderr", text: "c" },
      { stream: "stdout", text: "d" },
    ]);
  });

  describe("whose time stands still but for what a test lets pass", () => {
    beforeEach(() => void jest.useFakeTimers({ doNotFake: ["setImmediate", "performance", "nextTick"] }));
    afterEach(() => void jest.useRealTimers());

    test("what comes now and then is sent at once, what goes on is gathered", async () => {
      const pieces: string[] = [];
      let nowMs = 0;
      const live = new LiveOutput(
        ({ text }) => pieces.push(text),
        () => nowMs,
      );
      const atOnce = Array.from({ length: 20 }, (_, number) => `${number}`);
      for (const text of atOnce) {
        live.add("stdout", text);
        await tick();
      }
      expect(pieces).toEqual(atOnce);
      for (const text of ["a", "b", "c"]) {
        live.add("stdout", text);
        await tick();
      }
      expect(pieces).toEqual(atOnce);
      nowMs = 50;
      jest.advanceTimersByTime(50);
      expect(pieces.at(-1)).toBe("abc");
      // What was gathered counts among what is sent.
      live.add("stdout", "d");
      await tick();
      expect(pieces.at(-1)).toBe("abc");
      live.end();
      expect(pieces.at(-1)).toBe("d");
    });

    test("all calls of a machine together send no more than a hub hears", async () => {
      const pieces: string[] = [];
      let nowMs = 0;
      const all = new Bucket({ most: 1, perS: 10 }, () => nowMs);
      const [one, other] = ["one", "other"].map(
        () =>
          new LiveOutput(
            ({ text }) => pieces.push(text),
            () => nowMs,
            all,
          ),
      );
      one?.add("stdout", "a");
      other?.add("stdout", "b");
      await tick();
      expect(pieces).toEqual(["a"]);
      nowMs = 50;
      jest.advanceTimersByTime(50);
      expect(pieces).toEqual(["a"]);
      nowMs = 100;
      jest.advanceTimersByTime(50);
      expect(pieces).toEqual(["a", "b"]);
    });
  });

  test("no more than a mebibyte is sent, and the end of it says so", () => {
    const { pieces, live } = collected();
    for (let n = 0; n < 100; n += 1) live.add("stdout", "x".repeat(100_000));
    live.end();
    const text = pieces.map((piece) => piece.text).join("");
    expect(text.replaceAll(/[^x]/g, "")).toHaveLength(LIVE_LIMIT);
    expect(text).toContain("the rest is not shown");
  });

  test("nothing is sent after the end", () => {
    const { pieces, live } = collected();
    live.end();
    live.add("stdout", "late");
    live.end();
    expect(pieces).toEqual([]);
  });
});
