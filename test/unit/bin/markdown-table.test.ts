import { describe, expect, test } from "@jest/globals";
import picocolors from "picocolors";
import { MarkdownStream } from "../../../bin/chat/markdown/stream.ts";
import { PLAIN } from "../../../bin/terminal/colours.ts";
import { widthOf } from "../../../bin/terminal/fit-line.ts";
import { wrapText } from "../../../bin/terminal/wrap.ts";

function render(text: string, columns: number, colours = PLAIN): string[] {
  const stream = new MarkdownStream(colours, columns);
  return (stream.push(text) + stream.end()).split("\n");
}

const MIXED = [
  "| 名称 | 说明 | 状态 |",
  "|---|---|:-:|",
  "| 服务器 | 这是一段**非常长的说明文字**，用来测试在宽度不够时是否会在词语之间换行。 | 正常 |",
  "| Path | the file `config.yaml` could not be opened for reading | failed |",
].join("\n");

describe("a table wider than the terminal", () => {
  test.each([80, 60, 40, 30])("at %d columns no line is wider, and nothing is lost", (columns) => {
    const lines = render(MIXED, columns);
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(columns);
    const letters = (text: string) => [...text.replaceAll(/[^\p{L}\p{N}]/gu, "")].toSorted().join("");
    // Where it becomes lists, the heads stand before each cell.
    if (lines[1]?.includes("┼")) expect(letters(lines.join(""))).toBe(letters(MIXED));
    else expect(lines.join("")).toContain("Path");
    expect(lines.join("\n")).not.toContain("**");
  });

  test("words are not broken, also Chinese ones, and no line begins with a closing sign", () => {
    const lines = render(MIXED, 44);
    expect(lines).toEqual([
      "  名称   │ 说明                     │  状态",
      "  ───────┼──────────────────────────┼───────",
      "  服务器 │ 这是一段非常长的说明     │  正常",
      "         │ 文字，用来测试在宽度不够 │",
      "         │ 时是否会在词语之间换行。 │",
      "  ┈┈┈┈┈┈┈┼┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┼┈┈┈┈┈┈┈",
      "  Path   │ the file config.yaml     │ failed",
      "         │ could not be opened for  │",
      "         │ reading                  │",
    ]);
  });

  test("where not even words fit, each row is a list of its cells", () => {
    const head = "| Name | Description | Owner | Region | State |";
    const row =
      "| internationalisation | localisation-service | administrators | south-america | unavailable |";
    expect(render(`${head}\n|-|-|-|-|-|\n${row}\n${row}`, 40).slice(0, 7)).toEqual([
      "  Name: internationalisation",
      "  Description: localisation-service",
      "  Owner: administrators",
      "  Region: south-america",
      "  State: unavailable",
      "  ────────────────────",
      "  Name: internationalisation",
    ]);
  });

  test("a style goes on over the lines of its cell, and ends with each of them", () => {
    const colours = picocolors.createColors(true);
    const lines = render("| a | b |\n|---|---|\n| **one two three four five** | x y z x y z |", 24, colours);
    const rows = lines.filter((line) => /one|three|five/.test(line));
    expect(rows.length).toBeGreaterThan(1);
    for (const line of rows) expect(line).toMatch(/\x1b\[1m[a-z ]+(\x1b\[22m|\x1b\[0m)/);
  });

  test("a table in an item of a list, and a line break in a cell", () => {
    expect(render("  | a | b |\n  |---|---|\n  | x<br>y | 2 |", 80)).toEqual([
      "  a   │ b",
      "  ────┼──",
      "  x y │ 2",
    ]);
  });
});

describe("wrapping", () => {
  test.each([
    ["服务器，数据库", 6, ["服务", "器，", "数据库"]],
    ["“引用”文字", 5, ["“引用", "”文字"]],
    ["a-very-long-word", 6, ["a-very", "-long-", "word"]],
    ["", 10, [""]],
    ["价格：￥100元", 8, ["价格：", "￥100元"]],
    ["請查看 README.md 檔案", 9, ["請查看", "README.md", "檔案"]],
    ["好。", 2, ["好", "。"]],
  ])("%s at %d", (text, columns, lines) => {
    expect(wrapText(text, columns)).toEqual(lines);
  });
});
