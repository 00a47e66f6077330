// find_advanced: every condition by itself and all of them together.
import { mkdir, symlink, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import findAdvanced from "../../../../../plugins/tools/files/find-advanced.ts";
import type { FilesFound } from "../../../../../plugins/tools/files/workspace/find-files.ts";
import { type TestContext, toolContext } from "../../../../support/tool-context.ts";
import { runTool } from "./run-tool.ts";

const DAY_MS = 86_400_000;
let context: TestContext;
beforeEach(async () => {
  context = await toolContext(["secret"]);
  for (const folder of ["logs/old", "secret"]) await mkdir(inRoot(folder), { recursive: true });
  for (const [name, size, days] of [
    ["a.log", 10, 0],
    ["logs/b.log", 1_000, 3],
    ["logs/old/c.log", 100_000, 30],
    ["logs/old/d.txt", 0, 30],
    ["secret/e.log", 10, 0],
  ] as const) {
    await writeFile(inRoot(name), "");
    await truncate(inRoot(name), size);
    const time = new Date(Date.now() - days * DAY_MS);
    await utimes(inRoot(name), time, time);
  }
  await symlink("a.log", inRoot("link.log"));
});
afterEach(() => context.remove());
const inRoot = (path: string) => join(context.root, path);
const find = (args: Record<string, unknown>) =>
  runTool<FilesFound>(findAdvanced, { directory: ".", ...args }, context);
const names = async (args: Record<string, unknown>) =>
  (await find(args)).data.results.map(({ path }) => path.slice(context.root.length + 1));

test("G27 without conditions everything is found but what is hidden, and links are not followed", async () => {
  expect(await names({})).toEqual([
    "a.log",
    "link.log",
    "logs",
    "logs/b.log",
    "logs/old",
    "logs/old/c.log",
    "logs/old/d.txt",
  ]);
});

test("each condition alone", async () => {
  expect(await names({ name_pattern: "*.txt" })).toEqual(["logs/old/d.txt"]);
  expect(await names({ name_pattern: "logs/*.log" })).toEqual(["logs/b.log"]);
  expect(await names({ file_type: "directory" })).toEqual(["logs", "logs/old"]);
  expect(await names({ file_type: "symlink" })).toEqual(["link.log"]);
  expect(await names({ min_size: 1_000 })).toEqual(["logs/b.log", "logs/old/c.log"]);
  expect(await names({ max_size: 10 })).toEqual(["a.log", "logs/old/d.txt"]);
  expect(await names({ modified_within: "5d", file_type: "file" })).toEqual(["a.log", "logs/b.log"]);
  expect(await names({ modified_within: "5w", file_type: "file" })).toHaveLength(4);
  expect(await names({ max_depth: 1, file_type: "file" })).toEqual(["a.log"]);
  expect(await names({ max_depth: 2, name_pattern: "*.log", file_type: "file" })).toEqual([
    "a.log",
    "logs/b.log",
  ]);
});

test("all conditions together, with size, type and time of what is found", async () => {
  const args = {
    name_pattern: "*.log",
    file_type: "file",
    min_size: 11,
    max_size: 1_000,
    modified_within: "96h",
    max_depth: 2,
  };
  expect((await find(args)).data).toMatchObject({
    directory: context.root,
    results: [
      { path: inRoot("logs/b.log"), type: "file", size: 1_000, modified: expect.stringMatching(/Z$/) },
    ],
    truncated: false,
    unreadable: 0,
  });
});

test("ends at its limit and says that there is more", async () => {
  expect((await find({ max_results: 2 })).data).toMatchObject({ truncated: true });
  expect((await find({ name_pattern: "*.txt", max_results: 1 })).data).toMatchObject({ truncated: false });
});

test("a hidden folder, one outside, and a file are problems", async () => {
  expect((await find({ directory: "secret" })).code).toBe("not_allowed");
  expect((await find({ directory: "/" })).code).toBe("not_allowed");
  expect((await find({ directory: "a.log" })).code).toBe("not_a_directory");
});

test("arguments that mean nothing are refused with what they must be", async () => {
  for (const modified_within of ["7", "d", "-1d", "0d", "1y", "7 d", "7d\n", "999999d"])
    await expect(find({ modified_within })).rejects.toThrow("24h");
  for (const args of [
    { min_size: -1 },
    { max_size: 1.5 },
    { file_type: "fifo" },
    { max_depth: 0 },
    { max_results: 501 },
    { size: 1 },
  ])
    await expect(find(args)).rejects.toThrow();
});
