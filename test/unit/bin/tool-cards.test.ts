import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "@jest/globals";
import { RunView } from "../../../bin/chat/run-view.ts";
import { widthOf } from "../../../bin/terminal/fit-line.ts";
import { Screen } from "../../../bin/terminal/screen.ts";
import { type Language, textsFor } from "../../../bin/terminal/texts.ts";
import type { RunEvent } from "../../../contracts/run-events.ts";

/** What the events leave on a terminal of so many columns. */
function shown(events: unknown[], columns: number, language: Language = "en"): string[] {
  const out: string[] = [];
  const terminal = { isTTY: true, columns, write: (text: string) => out.push(text) };
  const view = new RunView(new Screen(terminal, terminal, textsFor(language)));
  for (const event of events) view.show(event as RunEvent);
  view.endText();
  return stripVTControlCharacters(out.join("")).trimEnd().split("\n");
}

const call = (name: string, args: unknown, result: object) => [
  { event: "tool_start", data: { step: 1, call_id: "call_1", name, args, node_id: "nod_1" } },
  { event: "tool_result", data: { step: 1, call_id: "call_1", name, duration_ms: 2_200, ...result } },
];
const OUTSIDE =
  '"/srv/data/owner.key" is outside of the folders this machine allows: /home/ada (credentials and private folders excepted).';
const failed = (message: string) => ({
  ok: false,
  status: "failed",
  result: { ok: false, error: { code: "x", message } },
});

describe("a call that has ended", () => {
  test.each([
    [40, "en"],
    [40, "zh"],
    [80, "en"],
    [24, "en"],
  ] as const)("is one line at %d columns (%s), whatever its arguments", (columns, language) => {
    const command = "echo 中文; for i in 1 2 3; do echo a long line of output; done";
    const lines = shown(
      call("execute_shell_command", { command }, { ok: true, status: "done", result: { ok: true } }),
      columns,
      language,
    );
    expect(lines).toHaveLength(1);
    // Where not even the name has room the terminal breaks it.
    if (columns >= 40) expect(widthOf(lines[0] ?? "")).toBeLessThanOrEqual(columns);
    expect(lines[0]).toMatch(language === "zh" ? /（2\.2 秒）$/ : / \(2\.2 s\)$/);
  });

  test("says why it failed in lines that can be read to their end", () => {
    const [card, ...why] = shown(call("read_file", { path: "/srv/data/owner.key" }, failed(OUTSIDE)), 60);
    expect(card).toBe("✗ read_file path=/srv/data/owner.key (failed, 2.2 s)");
    expect(why.map((line) => line.trim()).join(" ")).toBe(OUTSIDE);
    for (const line of why) expect(widthOf(line)).toBeLessThanOrEqual(60);
  });

  test("says no more of it than three lines", () => {
    const lines = shown(call("x", {}, failed("word ".repeat(1_000))), 60);
    expect(lines.length).toBeLessThanOrEqual(5);
    expect(lines.at(-1)).toMatch(/…$/);
  });

  test("says it in the person's language, and of a call that never ran no time", () => {
    expect(
      shown(call("read_file", {}, failed(OUTSIDE)), 80, "zh")
        .slice(1)
        .join(""),
    ).toContain("不在这台机器允许的目录里：");
    expect(shown(call("read_file", {}, { ok: false, status: "denied", result: {} }), 80)).toEqual([
      "✗ read_file (denied)",
    ]);
    expect(shown(call("read_file", {}, { ok: false, status: "denied", result: {} }), 80, "zh")).toEqual([
      "✗ read_file（被拒绝）",
    ]);
  });
});

describe("what the server says of a run", () => {
  test("is told in the person's language: retries, a new beginning, the end", () => {
    const lines = shown(
      [
        {
          event: "retry",
          data: {
            step: 1,
            attempt: 2,
            of: 3,
            reason: "openai has a fault of its own (HTTP 500)",
            wait_ms: 0,
          },
        },
        { event: "reset", data: { step: 1, reason: "resumed" } },
        {
          event: "error",
          data: {
            code: "model_timeout",
            message: '"openai/m" sent nothing for 60 s (MODEL_IDLE_S); ask again or choose another model.',
          },
        },
      ],
      200,
      "zh",
    );
    expect(lines).toEqual([
      "↻ 模型没有应答（openai 自身出错（HTTP 500））。进行第 2 次尝试，共 3 次……",
      "↻ 回答重新开始（服务器重新接手了这个运行）。",
      "✗ “openai/m”有 60 秒没有发来任何内容（MODEL_IDLE_S）；请再问一次，或换一个模型。",
    ]);
  });

  test("text and thoughts are broken between words, within the terminal", () => {
    const words = "one two three four five six seven eight nine ten";
    const pieces = (event: string) =>
      words.match(/.{1,4}/g)?.map((text) => ({ event, data: { step: 1, text } })) ?? [];
    for (const event of ["content", "reasoning"]) {
      const lines = shown(pieces(event), 20);
      expect(lines.join(" ")).toBe(words);
      for (const line of lines) expect(widthOf(line)).toBeLessThan(20);
    }
  });
});
