// text_statistics: words in languages with and without spaces, and in documents.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import iconv from "iconv-lite";
import { WordCount } from "../../../../../plugins/tools/documents/extraction/word-count.ts";
import tool from "../../../../../plugins/tools/documents/text-statistics.ts";
import { runAsNode } from "../../../../support/run-as-node.ts";
import { type TestContext, toolContext } from "../../../../support/tool-context.ts";
import { docxParts, makeZip, paragraph } from "./make-documents.ts";

let context: TestContext;
beforeEach(async () => {
  context = await toolContext();
});
afterEach(() => context.remove());

async function count(name: string, bytes: Buffer | string) {
  await writeFile(join(context.root, name), bytes);
  return runAsNode(tool, { path: name }, context);
}

describe("statistics of a text", () => {
  test("count characters, words, sentences, lines and paragraphs", async () => {
    const { data } = await count("a.txt", "Hello big world. It is\ngood to see you!\n\nThe world ends.\n");
    expect(data).toMatchObject({
      ...{ kind: "txt", encoding: "utf-8", words: 12, unique_words: 11, sentences: 3 },
      ...{ lines: 4, paragraphs: 2, characters: 53, characters_without_spaces: 44, truncated: false },
    });
    expect(data.most_frequent).toContainEqual({ word: "world", count: 2 });
  });

  test("tell Chinese and Japanese words apart", async () => {
    const { data } = await count("zh.txt", iconv.encode("我们明天去北京大学。今天天气很好！", "gbk"));
    expect(data).toMatchObject({ sentences: 2, east_asian_characters: 15 });
    expect(data.words).toBeGreaterThan(5);
    expect(data.words).toBeLessThan(12);
    const { data: japanese } = await count("ja.txt", "私は東京に住んでいます。");
    expect(japanese.words).toBeGreaterThan(3);
  });

  test("count an emoji with its parts by its characters, and no word", async () => {
    expect((await count("a.txt", "👩‍💻 ok")).data).toMatchObject({ words: 1, characters: 6 });
  });

  test("take each paragraph of a Word document as one", async () => {
    const { data } = await count("a.docx", makeZip(docxParts(paragraph("One two.") + paragraph("Three."))));
    expect(data).toMatchObject({ kind: "docx", words: 3, paragraphs: 2 });
  });

  test("refuse what is no text", async () => {
    expect((await count("a.bin", Buffer.from([0, 1, 2, 3, 0, 0]))).code).toBe("binary");
    expect((await runAsNode(tool, { path: "missing.txt" }, context)).code).toBe("not_found");
  });
});

describe("counting", () => {
  const counted = (...pieces: string[]) => {
    const count = new WordCount(Date.now() + 60_000);
    for (const piece of pieces) count.write(piece);
    return count.end();
  };

  test("does not depend on how the text comes in pieces", () => {
    const text = "One two three.\nFour five\n\nsix seven.";
    expect(counted(...text)).toEqual(counted(text));
  });

  test("takes a line of any length", () => {
    expect(counted("word ".repeat(100_000))).toMatchObject({ words: 100_000, lines: 1 });
  });

  test("stops when its time is over, and says so", () => {
    const count = new WordCount(Date.now() - 1);
    count.write("one two");
    expect(count.isFull).toBe(true);
    expect(count.end()).toMatchObject({ words: 2, truncated: true });
  });
});
