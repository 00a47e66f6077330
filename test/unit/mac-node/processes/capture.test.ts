import { describe, expect, test } from "@jest/globals";
import { Capture } from "../../../../mac-node/processes/capture.ts";

function captured(limit: number, ...chunks: (string | Buffer)[]): Capture {
  const capture = new Capture(limit);
  for (const chunk of chunks) capture.add(Buffer.from(chunk as string));
  return capture;
}

describe("captured output", () => {
  test("what fits is kept as it is", () => {
    const capture = captured(10, "hello", "world");
    expect(capture.text()).toBe("helloworld");
    expect(capture.truncated).toBe(false);
  });

  test("of what does not fit, head and tail are kept and what is left out is counted", () => {
    const capture = captured(10, "aaaaa", "b".repeat(100), "ccccc");
    expect(capture.text()).toBe("aaaaa\n… 100 bytes left out …\nccccc");
    expect(capture.truncated).toBe(true);
  });

  test("one byte over the limit is said, however it came", () => {
    const inOne = captured(10, "12345678901");
    const oneByOne = captured(10, ..."12345678901");
    expect(inOne.truncated).toBe(true);
    expect(oneByOne.text()).toBe(inOne.text());
    expect(inOne.text()).toBe("12345\n… 1 bytes left out …\n78901");
  });

  test("characters are never cut in half", () => {
    for (let shift = 0; shift < 8; shift += 1) {
      const text = captured(64, "x".repeat(shift), "🦜é漢".repeat(200), "y".repeat(shift)).text();
      expect(text).not.toContain("\ufffd");
      expect(text).toContain("bytes left out");
    }
  });

  test("a character that arrives in two chunks is whole", () => {
    const bytes = Buffer.from("漢");
    expect(captured(10, bytes.subarray(0, 1), bytes.subarray(1)).text()).toBe("漢");
  });

  test("output of any length takes bounded memory", () => {
    const capture = new Capture(1_000);
    const chunk = Buffer.alloc(65_536, "z");
    for (let n = 0; n < 10_000; n += 1) capture.add(chunk);
    expect(capture.text().length).toBeLessThan(1_100);
  });
});
