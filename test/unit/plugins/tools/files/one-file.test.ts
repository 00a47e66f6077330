// The tools that look into one file: find_in_file, grep_search, tail_log and calculate_hash.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFile, link, mkdir, open, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import iconv from "iconv-lite";
import calculateHash from "../../../../../plugins/tools/files/calculate-hash.ts";
import findInFile from "../../../../../plugins/tools/files/find-in-file.ts";
import grepSearch from "../../../../../plugins/tools/files/grep-search.ts";
import tailLog from "../../../../../plugins/tools/files/tail-log.ts";
import type { FileHash } from "../../../../../plugins/tools/files/workspace/hash-file.ts";
import type { FoundInFile } from "../../../../../plugins/tools/files/workspace/search-file.ts";
import type { Tail } from "../../../../../plugins/tools/files/workspace/tail-text.ts";
import { type TestContext, toolContext } from "../../../../support/tool-context.ts";
import { runTool } from "./run-tool.ts";

let context: TestContext;
beforeEach(async () => {
  context = await toolContext(["secret"]);
  await mkdir(inRoot("secret"));
  await writeFile(inRoot("secret/key"), "needle");
});
afterEach(() => context.remove());
const inRoot = (path: string) => join(context.root, path);
const put = (text: string | Buffer) => writeFile(inRoot("a"), text);

const find = (args: Record<string, unknown>) =>
  runTool<FoundInFile>(findInFile, { path: "a", ...args }, context);
const grep = (args: Record<string, unknown>) =>
  runTool<FoundInFile>(grepSearch, { path: "a", ...args }, context);
const tail = (args: Record<string, unknown> = {}) => runTool<Tail>(tailLog, { path: "a", ...args }, context);
const hash = (args: Record<string, unknown> = {}) =>
  runTool<FileHash>(calculateHash, { path: "a", ...args }, context);
const lines = ({ data }: { data: FoundInFile }) => data.matches.map(({ line, text }) => [line, text]);

describe("each of them", () => {
  const all = [
    ["find_in_file", (path: string) => find({ path, query: "needle" })],
    ["grep_search", (path: string) => grep({ path, pattern: "needle" })],
    ["tail_log", (path: string) => tail({ path })],
    ["calculate_hash", (path: string) => hash({ path })],
  ] as const;

  test.each(all)(
    "G27 %s reads nothing outside, hidden, linked there, a FIFO, a device or a folder",
    async (_name, call) => {
      await symlink(inRoot("secret/key"), inRoot("link"));
      await link(inRoot("secret/key"), inRoot("hard"));
      execFileSync("mkfifo", [inRoot("fifo")]);
      const expected = {
        "secret/key": "not_allowed",
        link: "not_allowed",
        hard: "not_allowed",
        "../x": "not_allowed",
        "/etc/passwd": "not_allowed",
        "/dev/zero": "not_allowed",
        fifo: "not_a_file",
        ".": "not_allowed",
        gone: "not_found",
        "a\u202etxt": "not_found",
      };
      for (const [path, code] of Object.entries(expected))
        expect([path, (await call(path)).code]).toEqual([path, code]);
      await mkdir(inRoot("folder"));
      expect((await call("folder")).code).toBe("is_directory");
    },
  );

  test.each(all)("%s stops when the call is cancelled", async (_name, call) => {
    await put("needle\n".repeat(200_000));
    context.abort();
    expect((await call("a")).code).toBe("cancelled");
  });

  test.each(all.slice(0, 3))("%s says that a file is binary", async (_name, call) => {
    await put(Buffer.from([0, 1, 2, 3, 255, 0, 7]));
    expect((await call("a")).code).toBe("binary");
  });
});

describe("find_in_file", () => {
  test("gives numbers and lines, whatever the case unless asked, and takes the text as it is", async () => {
    await put("one a.b\r\ntwo A.B\nthree aXb\n");
    expect(lines(await find({ query: "a.b" }))).toEqual([
      [1, "one a.b"],
      [2, "two A.B"],
    ]);
    expect(lines(await find({ query: "a.b", case_sensitive: true }))).toEqual([[1, "one a.b"]]);
    expect((await find({ query: "nothing" })).data).toMatchObject({
      matches: [],
      lines_searched: 3,
      truncated: false,
    });
  });

  test("finds a text whichever way its accents are composed", async () => {
    await put(`${"Café".normalize("NFD")}\n${"café".normalize("NFC")}\n`);
    for (const form of ["NFC", "NFD"])
      expect(lines(await find({ query: "CAFÉ".normalize(form) }))).toHaveLength(2);
  });

  test.each(["gbk", "utf-16le", "utf-32be", "shift_jis"])("reads a file in %s", async (encoding) => {
    const text = "第一行\n第二行：重要的内容\n第三行\n这是一个很长的中文文件。\n";
    const japanese = "一行目です\nこれは重要な内容です\n三行目のテキスト\n";
    const chosen = encoding === "shift_jis" ? japanese : text;
    await put(iconv.encode(chosen.repeat(30), encoding, { addBOM: encoding.startsWith("utf") }));
    const { data } = await find({ query: "重要", max_matches: 1 });
    expect(data.matches.map(({ line }) => line)).toEqual([2]);
    expect(data.encoding.replace("gb18030", "gbk")).toBe(encoding);
  });

  test("a match in a line of megabytes is shown with what is around it", async () => {
    await put(`${"x".repeat(900_000)}needle${"y".repeat(5_000_000)}\nneedle\n`);
    const { data } = await find({ query: "NEEDLE" });
    expect(data.matches.map(({ line }) => line)).toEqual([1, 2]);
    expect(data.matches[0]?.text).toMatch(/^…x{200}needley+…$/);
    expect(data.matches[0]?.text.length).toBeLessThan(510);
  });

  test("ends at its limit and says that there is more, and not when there is none", async () => {
    await put("x\n".repeat(10));
    expect((await find({ query: "x", max_matches: 9 })).data).toMatchObject({ truncated: true });
    expect((await find({ query: "x", max_matches: 10 })).data).toMatchObject({ truncated: false });
  });

  test("a query of several lines is a problem in words", async () => {
    await put("a\nb\n");
    const result = await find({ query: "a\nb" });
    expect([result.code, result.message]).toEqual([
      "invalid_pattern",
      expect.stringContaining("line by line"),
    ]);
  });

  test("what was found is given when the time is up", async () => {
    await put("x\n".repeat(1_000));
    context.deadlineAt = Date.now();
    expect((await find({ query: "x" })).data).toMatchObject({ truncated: true });
  });

  test("arguments out of bounds are refused", async () => {
    for (const args of [
      { query: "" },
      { query: "x".repeat(1_001) },
      { query: "x", max_matches: 501 },
      { query: "x", more: 1 },
    ])
      await expect(find(args)).rejects.toThrow();
  });
});

describe("grep_search", () => {
  test("gives the lines that fit with those around, or those that do not fit", async () => {
    await put("1\n2\n3 x\n4\n5 x\n6\n");
    expect((await grep({ pattern: "^\\d x$", context_lines: 2 })).data.matches).toEqual([
      { line: 3, text: "3 x", before: ["1", "2"], after: ["4", "5 x"] },
      { line: 5, text: "5 x", before: ["3 x", "4"], after: ["6"] },
    ]);
    expect(lines(await grep({ pattern: "x|1", invert: true }))).toEqual([
      [2, "2"],
      [4, "4"],
      [6, "6"],
    ]);
  });

  test("the last match gets the lines after it although there are more matches", async () => {
    await put("x\nx\nx\n");
    expect((await grep({ pattern: "x", context_lines: 1, max_matches: 1 })).data).toMatchObject({
      matches: [{ line: 1, before: [], after: ["x"] }],
      truncated: true,
    });
  });

  test("an expression that would hang other engines ends at once, and a bad one is a problem", async () => {
    await put(`${"a".repeat(3_999)}!\n`.repeat(50));
    expect((await grep({ pattern: "^(a+)+$" })).data.matches).toEqual([]);
    expect((await grep({ pattern: "(" })).code).toBe("invalid_pattern");
    expect((await grep({ pattern: "(?=a)" })).code).toBe("invalid_pattern");
  });

  test("what is shown in all is bounded", async () => {
    await put(`${"x".repeat(500)}\n`.repeat(20_000));
    const { data } = await grep({ pattern: "x", context_lines: 20, max_matches: 500 });
    expect(JSON.stringify(data).length).toBeLessThan(600_000);
    expect(data.truncated).toBe(true);
  });

  test("a folder is a problem that names the tool for it", async () => {
    await mkdir(inRoot("folder"));
    expect((await grep({ path: "folder", pattern: "x" })).message).toContain("grep_recursive");
  });
});

describe("tail_log", () => {
  test("gives the last lines, the newest last, with or without a break at the end", async () => {
    await put("1\n2\n3\n");
    expect((await tail({ lines: 2 })).data).toMatchObject({
      content: "2\n3",
      lines: 2,
      truncated: true,
      size: 6,
    });
    await put("1\r\n2\r\n3");
    expect((await tail({ lines: 3 })).data).toMatchObject({ content: "1\n2\n3", truncated: false });
    await put("\n\n");
    expect((await tail()).data).toMatchObject({ content: "\n", lines: 2 });
    await put("");
    expect((await tail()).data).toMatchObject({ content: "", lines: 0, truncated: false, size: 0 });
  });

  test("gives the last lines that have the filter in them, from far back", async () => {
    await put(`ERROR one\n${"fine line\n".repeat(50_000)}Error two\nlast\n`);
    expect((await tail({ filter: "error" })).data).toMatchObject({
      content: "ERROR one\nError two",
      truncated: false,
    });
    expect((await tail({ filter: "error", lines: 1 })).data).toMatchObject({
      content: "Error two",
      truncated: true,
    });
  });

  test.each(["utf-8", "utf-16le", "utf-16be", "utf-32le", "gbk", "big5", "shift_jis", "euc-kr"])(
    "reads %s across the borders of blocks",
    async (encoding) => {
      const words =
        encoding === "euc-kr"
          ? "오류가 발생했습니다 한국어 문장"
          : encoding === "shift_jis"
            ? "これは日本語のログです。エラー"
            : encoding === "big5"
              ? "這是一個繁體中文的記錄檔，發生錯誤"
              : "这是一个中文日志文件，发生错误。𠮷".slice(0, encoding === "gbk" ? 16 : 18);
      const all = Array.from({ length: 6_000 }, (_, n) => `${n} ${words}${"!".repeat(n % 7)}`);
      await put(iconv.encode(`${all.join("\n")}\n`, encoding, { addBOM: encoding.startsWith("utf") }));
      const { data } = await tail({ lines: 1_000 });
      expect(data.content.split("\n")).toEqual(all.slice(-1_000));
      expect((await tail({ filter: "5 " })).data.content.split("\n").at(-1)).toBe(all[5_995]);
      const { content } = (await tail({ filter: `0 ${words}`, lines: 1_000 })).data;
      expect(content.split("\n")).toEqual(all.filter((line) => line.includes(`0 ${words}`)));
    },
  );

  test.each(["utf-16le", "utf-16be"])(
    "a line feed that is halves of two characters of %s is none",
    async (encoding) => {
      const halves = encoding === "utf-16le" ? "\u0a41\u4e00" : "\u4e00\u0a41";
      await put(iconv.encode(`one ${halves} line\ntwo\n`, encoding, { addBOM: true }));
      expect((await tail()).data.content).toBe(`one ${halves} line\ntwo`);
    },
  );

  test("a file of gigabytes without a line break is only looked at from its end", async () => {
    const handle = await open(inRoot("a"), "w");
    await handle.write("begin\n");
    await handle.close();
    await truncate(inRoot("a"), 6);
    await appendFile(inRoot("a"), "x".repeat(3_000_000));
    const { data } = await tail();
    expect(data).toMatchObject({ lines: 2, truncated: true });
    expect(data.content.length).toBeLessThan(2_100);
    expect(data.content.startsWith("begin\nxxx")).toBe(true);
  });

  test("what is shown in all is bounded, and the newest is kept", async () => {
    await put(`${Array.from({ length: 1_000 }, (_, n) => `${n} ${"y".repeat(1_500)}`).join("\n")}\n`);
    const { data } = await tail({ lines: 1_000 });
    expect(data.content.length).toBeLessThan(210_000);
    expect(data.content).toMatch(/\n999 y+$/);
    expect(data.truncated).toBe(true);
  });

  test("arguments out of bounds are refused", async () => {
    for (const args of [{ lines: 0 }, { lines: 1_001 }, { lines: 1.5 }, { filter: "" }, { follow: true }])
      await expect(tail(args)).rejects.toThrow();
  });
});

describe("calculate_hash", () => {
  test.each([
    ["md5", "900150983cd24fb0d6963f7d28e17f72"],
    ["sha1", "a9993e364706816aba3e25717850c26c9cd0d89d"],
    ["sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    [
      "sha512",
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    ],
  ])("%s is that of the standard", async (algorithm, expected) => {
    await put("abc");
    expect((await hash({ algorithm })).data).toEqual({
      path: inRoot("a"),
      algorithm,
      hash: expected,
      size: 3,
    });
  });

  test("a file of several pieces and an empty one are hashed whole; sha256 unless said", async () => {
    const bytes = Buffer.alloc(3_500_000, "abc");
    await put(bytes);
    const expected = createHash("sha256").update(bytes).digest("hex");
    expect((await hash()).data).toMatchObject({ algorithm: "sha256", hash: expected, size: bytes.length });
    await put("");
    expect((await hash()).data.hash).toMatch(/^e3b0c442/);
  });

  test("an algorithm that it does not know is refused", async () => {
    await expect(hash({ algorithm: "crc32" })).rejects.toThrow();
  });
});
