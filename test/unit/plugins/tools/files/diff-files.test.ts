// diff_files: what it shows, what it takes for the same, and its bounds.
import { spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import iconv from "iconv-lite";
import diffFiles from "../../../../../plugins/tools/files/diff-files.ts";
import type { FileDifference } from "../../../../../plugins/tools/files/workspace/difference/compare-files.ts";
import { type TestContext, toolContext } from "../../../../support/tool-context.ts";
import { runTool } from "./run-tool.ts";

let context: TestContext;
beforeEach(async () => {
  context = await toolContext(["secret"]);
  await mkdir(inRoot("secret"));
  await writeFile(inRoot("secret/key"), "secret");
});
afterEach(() => context.remove());
const inRoot = (path: string) => join(context.root, path);

async function compare(one: string | Buffer, two: string | Buffer, args: Record<string, unknown> = {}) {
  await writeFile(inRoot("one"), one);
  await writeFile(inRoot("two"), two);
  return runTool<FileDifference>(diffFiles, { path1: "one", path2: "two", ...args }, context);
}

test("shows what is removed and added as a unified diff", async () => {
  const { data } = await compare("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n10\n", {
    context_lines: 1,
  });
  expect(data).toMatchObject({ identical: false, lines_removed: 1, lines_added: 2, truncated: false });
  expect(data.diff).toBe(
    `--- ${inRoot("one")}\n+++ ${inRoot("two")}\n@@ -4,3 +4,3 @@\n 4\n-5\n+five\n 6\n@@ -9 +9,2 @@\n 9\n+10\n`,
  );
});

test.each([
  ["a\nb\nc\n", "a\nc\n"],
  ["", "a\n"],
  ["a\n", ""],
  ["a", "a\n"],
  ["a\nb", "a\nc"],
  ["1\n2\n3\n", "3\n1\n2\n"],
  ["x\ny", "x\ny\nz"],
])("is what diff -u gives: %j to %j", async (one, two) => {
  const { data } = await compare(one, two);
  const { stdout } = spawnSync("diff", ["-u", inRoot("one"), inRoot("two")], { encoding: "utf8" });
  expect(data.diff.split("\n").slice(2)).toEqual(stdout.split("\n").slice(2));
});

test("files that are the same give no diff", async () => {
  expect((await compare("a\n", "a\n")).data).toMatchObject({
    identical: true,
    diff: "",
    lines_added: 0,
    lines_removed: 0,
  });
  expect((await compare("", "")).data).toMatchObject({ identical: true, diff: "" });
});

test("the same text in other encodings or with other line ends is told as the same text", async () => {
  const text = "第一行\n这是一个很长的中文文件。\n重要的内容\n";
  const encoded = iconv.encode(text, "utf-16le", { addBOM: true });
  expect((await compare(text, encoded)).data).toMatchObject({
    identical: false,
    same_text: true,
    encoding1: "utf-8",
    encoding2: "utf-16le",
    diff: "",
  });
  const { data } = await compare("a\nb\nc\n", "a\r\nB\r\nc\r\n");
  expect(data).toMatchObject({ identical: false, line_ends_differ: true, lines_removed: 1, lines_added: 1 });
  expect(data.diff).toContain("-b\n+B\n");
});

test("white space counts unless it is to be ignored", async () => {
  expect((await compare("a b\n c\n", "a  b\nc\n")).data).toMatchObject({ lines_removed: 2 });
  expect((await compare("a b\n c\n", "a  b\nc", { ignore_whitespace: true })).data).toMatchObject({
    identical: false,
    same_text: true,
    diff: "",
  });
});

test("two large files that have nothing in common are compared at once, and the diff is bounded", async () => {
  const one = Array.from({ length: 60_000 }, (_, n) => `old ${n}`).join("\n");
  const two = Array.from({ length: 60_000 }, (_, n) => `new ${n}`).join("\n");
  const { data } = await compare(one, two);
  expect(data).toMatchObject({ lines_removed: 60_000, lines_added: 60_000, truncated: true });
  expect(data.diff.length).toBeLessThan(210_000);
});

test("a line of megabytes is cut, and said to be", async () => {
  const { data } = await compare("x".repeat(3_000_000), "y".repeat(3_000_000));
  expect(data).toMatchObject({ truncated: true, lines_removed: 1 });
  expect(data.diff.length).toBeLessThan(5_000);
});

test("binary files, files over 5 MB, hidden ones and folders are problems", async () => {
  expect((await compare("a", Buffer.from([0, 1, 2, 0]))).code).toBe("binary");
  const large = await compare("a", "b\n".repeat(3_000_000));
  expect([large.code, large.message]).toEqual(["too_large", expect.stringContaining("calculate_hash")]);
  expect((await compare("a", "b", { path2: "secret/key" })).code).toBe("not_allowed");
  expect((await compare("a", "b", { path1: "../x" })).code).toBe("not_allowed");
  await mkdir(inRoot("folder"));
  expect((await compare("a", "b", { path1: "folder" })).code).toBe("is_directory");
  expect((await compare("a", "b", { path1: "gone" })).code).toBe("not_found");
});

test("a cancelled call ends", async () => {
  context.abort();
  expect((await compare("a", "b")).code).toBe("cancelled");
});

test("arguments out of bounds are refused", async () => {
  for (const args of [{ context_lines: -1 }, { context_lines: 101 }, { format: "side" }, { path1: "" }])
    await expect(compare("a", "b", args)).rejects.toThrow();
});
