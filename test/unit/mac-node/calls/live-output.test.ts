import { describe, expect, test } from "@jest/globals";
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
