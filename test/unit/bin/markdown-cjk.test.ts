import { describe, expect, test } from "@jest/globals";
import picocolors from "picocolors";
import { MarkdownStream } from "../../../bin/chat/markdown/stream.ts";

const COLOURS = picocolors.createColors(true);
/** Bold as `<b>`, italic as `<i>`, whatever the pieces are. */
function render(text: string, size = 1): string {
  const stream = new MarkdownStream({ ...COLOURS, bold: (t) => `<b>${t}</b>`, italic: (t) => `<i>${t}</i>` });
  let shown = "";
  for (let at = 0; at < text.length; at += size) shown += stream.push(text.slice(at, at + size));
  return (shown + stream.end()).replaceAll(/<\/([bi])><\1>/g, "");
}

describe("emphasis beside Chinese, Japanese and Korean text", () => {
  test.each([
    ["第一项：**重要**的内容", "第一项：<b>重要</b>的内容"],
    ["这是**“重点”**内容", "这是<b>“重点”</b>内容"],
    ["**注意：**请先备份。", "<b>注意：</b>请先备份。"],
    ["请看（**括号**）和「*引用*」", "请看（<b>括号</b>）和「<i>引用</i>」"],
    ["GDP**增长**了3**倍**", "GDP<b>增长</b>了3<b>倍</b>"],
    ["使用**`npm ci`**安装", `使用${COLOURS.cyan("npm ci").replace(/^/, "<b>")}</b>安装`],
    ["**太字**です。*斜体*です", "<b>太字</b>です。<i>斜体</i>です"],
    ["이것은 **굵은**글자입니다", "이것은 <b>굵은</b>글자입니다"],
    ["see**「引用」**now", "see<b>「引用」</b>now"],
    ["一。**二**。", "一。<b>二</b>。"],
    ["𠮷**𠮷**𠮷", "𠮷<b>𠮷</b>𠮷"],
  ])("%s", (text, shown) => {
    const plain = (styled: string) => styled.replaceAll(/\x1b\[\d+m/g, "");
    for (const size of [1, 2, 3, 50]) expect(plain(render(text, size))).toBe(plain(shown));
  });
});

describe("emphasis as CommonMark has it", () => {
  test.each([
    ["it is **+3%** and **.env** and **--all**", "it is <b>+3%</b> and <b>.env</b> and <b>--all</b>"],
    ["un**believ**able", "un<b>believ</b>able"],
    ["src/**/*.ts and test/**/*.ts", "src/**/*.ts and test/**/*.ts"],
    ["**/*.ts and **/*.js, *.txt or *.md", "**/*.ts and **/*.js, *.txt or *.md"],
    ["2*3*4 = 24, x**2 + y**2", "2*3*4 = 24, x**2 + y**2"],
    ["a ** b ** c * d * e", "a ** b ** c * d * e"],
    ["snake_case_name and _so_ and __init__.py", "snake_case_name and <i>so</i> and <b>init</b>.py"],
  ])("%s", (text, shown) => {
    for (const size of [1, 3, 100]) expect(render(text, size)).toBe(shown);
  });

  test("a marker whose end may never come is not waited for without a bound", () => {
    const stream = new MarkdownStream(picocolors.createColors(false));
    expect(stream.push("see ")).toBe("see ");
    expect(stream.push("*.txt")).toBe("");
    expect(stream.push(" x".repeat(300))).toContain("*.txt x");
  });
});
