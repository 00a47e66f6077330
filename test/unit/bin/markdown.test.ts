import { describe, expect, test } from "@jest/globals";
import picocolors from "picocolors";
import { MarkdownStream } from "../../../bin/chat/markdown/stream.ts";
import { PLAIN } from "../../../bin/terminal/colours.ts";

const COLOURS = picocolors.createColors(true);
const SAMPLE = [
  "# Title",
  "Some **bold** and *italic* and `a * b` text, 2*3*4, snake_case_name, **/*.ts.",
  "- one",
  "  - two **three**",
  "* four",
  "1. first",
  "> said",
  "---",
  "```ts",
  "const a = `x` ** 2; # no heading",
  "```",
  "| Name | Size | |",
  "|---|--:|:-:|",
  "| **a** | 10 | ✅ |",
  "| 你好 [x](http://x.y/z) | 2000 | `a\\|b` |",
  "| no | table |",
  "",
  "- [ ] to do, see [the **docs**](https://e.com/a?b=c) and [not this](javascript:x), a[0] and [1]",
  "- [x] done ![picture](https://e.com/i.png)",
  "-5 degrees, *emphasis* at the end",
  "",
  "**Bold** starts a line",
].join("\n");

function render(text: string, size: number, colours = PLAIN): string {
  const stream = new MarkdownStream(colours);
  let shown = "";
  for (let at = 0; at < text.length; at += size) shown += stream.push(text.slice(at, at + size));
  return shown + stream.end();
}

describe("Markdown in the terminal", () => {
  test("markers become looks, and text that only resembles them stays", () => {
    expect(render(SAMPLE, SAMPLE.length)).toBe(
      [
        "Title",
        "Some bold and italic and a * b text, 2*3*4, snake_case_name, **/*.ts.",
        "• one",
        "  • two three",
        "• four",
        "1. first",
        "│ said",
        "─".repeat(40),
        "  ts",
        "  const a = `x` ** 2; # no heading",
        "  Name                  │  Size │",
        "  ──────────────────────┼───────┼────",
        "  a                     │    10 │ ✅",
        "  你好 x (http://x.y/z) │  2000 │ a|b",
        "  no                    │ table │",
        "",
        "☐ to do, see the docs (https://e.com/a?b=c) and [not this](javascript:x), a[0] and [1]",
        "☑ done picture (https://e.com/i.png)",
        "-5 degrees, emphasis at the end",
        "",
        "Bold starts a line",
      ].join("\n"),
    );
  });

  test("how the text is cut into pieces does not change what is shown", () => {
    const whole = render(SAMPLE, SAMPLE.length);
    for (const size of [1, 2, 3, 5, 7, 16]) expect(render(SAMPLE, size)).toBe(whole);
  });

  test("rows without dashes are no table", () => {
    expect(render("| a | b |\nno table", 1)).toBe("| a | b |\nno table");
  });

  test("a word is shown when it comes, not when its line ends", () => {
    const stream = new MarkdownStream(PLAIN);
    expect(stream.push("Your disk is ")).toBe("Your disk is ");
    expect(stream.push("**half")).toBe("half");
    expect(stream.push("** full")).toBe(" full");
  });

  test("bold, code and headings have their colours, and every style is closed again", () => {
    const shown = render("## Head\nis **very** `code`", 1, COLOURS);
    expect(render("is **very**", 99, COLOURS)).toBe(`is ${COLOURS.bold("very")}`);
    expect(shown.split("\x1b[1m").length).toBe(shown.split("\x1b[22m").length);
    expect(shown).toContain(COLOURS.cyan("c"));
  });

  test("an emphasis that is never closed ends with its line", () => {
    expect(render("a **b\nc", 99, COLOURS)).toBe(`a ${COLOURS.bold("b")}\nc`);
  });
});
