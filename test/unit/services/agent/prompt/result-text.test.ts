import { describe, expect, test } from "@jest/globals";
import { argumentText, cutMiddle, resultText } from "../../../../../services/agent/prompt/result-text.ts";

describe("a result with pictures", () => {
  const result = { ok: true, images: [{ media_type: "image/png", bytes: 3, data: "SECRETPIXELS" }] };

  test("says that there are some, and never their bytes", () => {
    for (const areShown of [true, false]) {
      const text = resultText(result, 16_000, areShown);
      expect(text).not.toContain("SECRETPIXELS");
      expect(text.includes("shown with this result")).toBe(areShown);
    }
  });

  test("says so first, so that no cut takes it away", () => {
    expect(resultText({ ...result, data: "x".repeat(9_000) }, 250)).toContain("call the tool again");
  });
});

describe("a text that is too long for the prompt", () => {
  test("of 12,000 emoji is cut between them, wherever the cut falls", () => {
    const result = { ok: true, data: { content: "🦜".repeat(12_000) } };
    for (const max of [250, 251, 1_000, 1_001, 15_999, 16_000])
      expect([max, resultText(result, max).isWellFormed()]).toEqual([max, true]);
  });

  test("keeps head and tail, and says how many characters are missing between them", () => {
    const cut = cutMiddle(`begin ${"x".repeat(100)} end`, 20);
    const [, head = "", count, tail = ""] = /^(.*)\n… (\d+) characters cut …\n(.*)$/.exec(cut) ?? [];
    expect([head.slice(0, 5), tail.slice(-3)]).toEqual(["begin", "end"]);
    expect(head.length + tail.length + Number(count)).toBe(110);
  });

  test("of a call's arguments becomes another whole object", () => {
    const text = JSON.stringify({ content: "👩‍💻".repeat(5_000) });
    for (const max of [100, 101, 102, 103]) {
      const { left_out } = JSON.parse(argumentText(text, max)) as { left_out: string };
      expect([max, left_out.isWellFormed()]).toEqual([max, true]);
    }
  });
});
