// Long texts are worked on in stretches: what comes out is the same, and everybody else has a turn in between.
import { describe, expect, test } from "@jest/globals";
import {
  decode,
  decodeLong,
  type Encoding,
  encode,
  encodeLong,
  survivesLong,
} from "../../../../../../../plugins/tools/files/workspace/encoding/encodings.ts";

/** Turns of the event loop while something is worked on that waits for nothing else. */
async function turnsDuring<Result>(work: Promise<Result>): Promise<{ turns: number; result: Result }> {
  let turns = 0;
  const turn = () => {
    turns += 1;
    next = setImmediate(turn);
  };
  let next = setImmediate(turn);
  const result = await work;
  clearImmediate(next);
  return { turns, result };
}

const SAMPLES: [Encoding, string][] = [
  ["windows-1252", "größere Möwen "],
  ["gbk", "一份很长x的文件"],
  ["gb18030", "很长的😀文件a"],
  ["shift_jis", "長いファイルｱa"],
  ["euc-kr", "긴 파일x"],
  ["utf-16le", "a😀é"],
  ["utf-32be", "a😀é"],
];

describe.each(SAMPLES)("a megabyte of %s", (encoding, words) => {
  const text = words.repeat(Math.ceil(1_000_000 / words.length));
  const bytes = encode(text, encoding, "file");

  test("is decoded and encoded as a whole, with turns in between", async () => {
    const decoded = await turnsDuring(decodeLong(bytes, encoding));
    expect(decoded.result === text).toBe(true);
    const encoded = await turnsDuring(encodeLong(text, encoding, "file"));
    expect(encoded.result.equals(bytes)).toBe(true);
    expect(Math.min(decoded.turns, encoded.turns)).toBeGreaterThan(8);
  });

  test("is known to survive, and not to when a byte of it is no character", async () => {
    expect(await survivesLong(bytes, decode(bytes, encoding), encoding)).toBe(true);
    const cut = bytes.subarray(0, bytes.length - 1);
    const isOfOneByte =
      encoding === "windows-1252" || ((bytes.at(-1) ?? 255) < 0x80 && !encoding.startsWith("utf"));
    if (!isOfOneByte) expect(await survivesLong(cut, await decodeLong(cut, encoding), encoding)).toBe(false);
  });
});

test("what an encoding lacks is refused wherever it stands", async () => {
  const text = `${"a".repeat(200_000)}🦜${"b".repeat(200_000)}`;
  await expect(encodeLong(text, "windows-1252", "file")).rejects.toMatchObject({ code: "not_in_encoding" });
  expect(await survivesLong(Buffer.from("x"), text, "windows-1252")).toBe(false);
});
