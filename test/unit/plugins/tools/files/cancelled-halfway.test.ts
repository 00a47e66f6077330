// Calls that are cancelled in the middle of gigabytes: they end at once, and nothing of what they made is left.
import { mkdir, open, readdir, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { Tool } from "../../../../../contracts/tools.ts";
import compressFiles from "../../../../../plugins/tools/files/compress-files.ts";
import copyFile from "../../../../../plugins/tools/files/copy-file.ts";
import extractArchive from "../../../../../plugins/tools/files/extract-archive.ts";
import { type TestContext, toolContext } from "../../../../support/tool-context.ts";
import { waitFor } from "../../../../support/wait-for.ts";
import { tarEntry } from "./archives/made-archives.ts";
import { runTool } from "./run-tool.ts";

const GIGABYTES = 2_000_000_000;
const MEGABYTES = 400_000_000;
let context: TestContext;
beforeEach(async () => {
  context = await toolContext();
  await mkdir(join(context.root, "folder"));
  await writeFile(join(context.root, "folder/a"), "a");
  await writeFile(join(context.root, "folder/large"), "");
  await truncate(join(context.root, "folder/large"), GIGABYTES);
  await using tar = await open(join(context.root, "tar"), "w");
  await tar.write(tarEntry("large", "0", "", MEGABYTES));
  await tar.truncate(MEGABYTES + 4_096);
});
afterEach(() => context.remove());

const calls: [string, Pick<Tool, "parameters" | "execute">, Record<string, unknown>][] = [
  ["copy_file of a file", copyFile, { from: "folder/large", to: "copy" }],
  ["copy_file of a folder", copyFile, { from: "folder", to: "copy" }],
  ["compress_files to a zip", compressFiles, { paths: ["folder"], output: "a.zip" }],
  ["compress_files to a tar.gz", compressFiles, { paths: ["folder"], output: "a.tgz" }],
  ["extract_archive", extractArchive, { archive: "tar", output: "out" }],
  ["extract_archive into a folder", extractArchive, { archive: "tar", output: "." }],
];

test.each(calls)("%s", async (_name, tool, args) => {
  const before = (await readdir(context.root)).toSorted();
  const ended = runTool(tool, args, context);
  await waitFor("the beginning of the work", async () =>
    (await readdir(context.root)).some((name) => name.endsWith(".tmp")),
  );
  context.abort();
  expect((await ended).code).toBe("cancelled");
  expect((await readdir(context.root)).toSorted()).toEqual(before);
});
