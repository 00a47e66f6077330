import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import picocolors from "picocolors";
import { MarkdownStream } from "../../../bin/chat/markdown/stream.ts";
import { WordWrap } from "../../../bin/chat/markdown/word-wrap.ts";
import { PLAIN } from "../../../bin/terminal/colours.ts";
import { widthOf } from "../../../bin/terminal/fit-line.ts";

const COLOURS = picocolors.createColors(true);

function wrapped(text: string, width: number, size = text.length || 1): string[] {
  const wrap = new WordWrap(width);
  let out = "";
  for (let at = 0; at < text.length; at += size) out += wrap.push(text.slice(at, at + size));
  return (out + wrap.end()).split("\n");
}

function rendered(text: string, width: number, colours = PLAIN): string {
  const stream = new MarkdownStream(colours, width, new WordWrap(width));
  return stream.push(text) + stream.end();
}

describe("prose that streams", () => {
  test("is broken between words, also where a word comes in pieces", () => {
    const lines = ["I show how", "streaming and", "real tool", "calls look."];
    for (const size of [1, 2, 3, 7, 100])
      expect(wrapped("I show how streaming and real tool calls look.", 14, size)).toEqual(lines);
  });

  test("Chinese is broken between characters, and no line begins with a closing sign", () => {
    expect(wrapped("磁盘用了多少？请列出文件。", 11)).toEqual(["磁盘用了多", "少？请列出", "文件。"]);
    expect(wrapped("看看（这里）的文件，好吗", 11)).toEqual(["看看（这", "里）的文", "件，好吗"]);
  });

  test("an item goes on below its text, and a quote with its line", () => {
    expect(
      rendered("- one two three four\n12. five six seven\n> said and said again", 14).split("\n"),
    ).toEqual(["• one two", "  three four", "12. five six", "    seven", "│ said and", "│ said again"]);
  });

  test("a word that is wider than the terminal stays whole, so that an address can be copied", () => {
    const url = `https://example.com/${"a".repeat(40)}`;
    expect(wrapped(`see ${url} there`, 20)).toEqual(["see", `${url} there`]);
  });

  test("code stays as it is", () => {
    const code = "const answer = await ask(a, very, long, line);";
    expect(rendered(`Look here at this\n\`\`\`\n${code}\n\`\`\`\n`, 12)).toContain(`  ${code}\n`);
  });

  test("no line leaves the terminal in a style, and a style goes on in the next", () => {
    const shown = rendered("say **two bold words** now", 10, COLOURS);
    expect(shown.split("\n")).toEqual([
      "say \u001b[1mtwo\u001b[0m",
      "\u001b[1mbold\u001b[0m",
      "\u001b[1mwords\u001b[0m now",
    ]);
  });

  test("what is held of a word is never in a style that was left open", () => {
    const wrap = new WordWrap(20);
    expect(wrap.push(COLOURS.bold("one two"))).toBe("\u001b[1mone\u001b[0m");
    expect(wrap.push(COLOURS.bold("three"))).toBe("");
    expect(wrap.end()).toBe("\u001b[1m twothree\u001b[0m");
  });

  test("whatever the text: nothing is lost, pieces give the same as the whole, and no line of short words is too wide", () => {
    const word = fc.oneof(
      fc.stringMatching(/^[a-z,.]{1,8}$/),
      fc.constantFrom("中文", "（好", "了）", "🙂", "é", "•", "1."),
    );
    const text = fc.array(fc.oneof(word, fc.constantFrom(" ", "  ", "\n")), { maxLength: 60 });
    fc.assert(
      fc.property(
        text,
        fc.integer({ min: 24, max: 60 }),
        fc.integer({ min: 1, max: 9 }),
        (parts, width, size) => {
          const whole = parts.join(" ");
          const lines = wrapped(whole, width);
          expect(lines.join("").replaceAll(/\s/g, "")).toBe(whole.replaceAll(/\s/g, ""));
          expect(wrapped(whole, width, size)).toEqual(lines);
          for (const line of lines) expect(widthOf(line)).toBeLessThan(width);
        },
      ),
    );
  });
});
