// compress_files: what goes in comes out again, here and with other programs.
import { execFileSync } from "node:child_process";
import {
  chmod,
  link,
  mkdir,
  readdir,
  readFile,
  readlink,
  stat,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { MadeArchive } from "../../../../../../plugins/tools/files/archives/compress-paths.ts";
import compressFiles from "../../../../../../plugins/tools/files/compress-files.ts";
import extractArchive from "../../../../../../plugins/tools/files/extract-archive.ts";
import { type TestContext, toolContext } from "../../../../../support/tool-context.ts";
import { testUnless, without } from "../../../../../support/unless.ts";
import { runTool } from "../run-tool.ts";

const noUnzip = without("unzip", ["-v"], "no other program can read the archive");

let context: TestContext;
beforeEach(async () => {
  context = await toolContext(["src/secret"]);
  await mkdir(inRoot("src/deep"), { recursive: true });
  await mkdir(inRoot("src/secret"));
  await writeFile(inRoot("src/secret/key"), "secret");
  await writeFile(inRoot("src/größe 漢.txt"), "text");
  await writeFile(inRoot("src/deep/run.sh"), "#!/bin/sh\n");
  await chmod(inRoot("src/deep/run.sh"), 0o4755);
  await writeFile(inRoot("src/large"), Buffer.alloc(2_000_000, "abc"));
  await writeFile(inRoot("src/empty"), "");
  await mkdir(inRoot(`src/${"d".repeat(120)}`));
  await writeFile(inRoot(`src/${"d".repeat(120)}/${"f".repeat(120)}`), "long");
  await symlink("../large", inRoot("src/deep/link"));
  await writeFile(inRoot("other.txt"), "other");
});
afterEach(() => context.remove());
const inRoot = (...names: string[]) => join(context.root, ...names);
const compress = (paths: string[], output: string, args: Record<string, unknown> = {}) =>
  runTool<MadeArchive>(compressFiles, { paths, output, ...args }, context);
const listing = async (path: string) => (await readdir(inRoot(path), { recursive: true })).toSorted();
const expected = async () =>
  [
    "other.txt",
    "src",
    ...(await listing("src")).filter((path) => !path.startsWith("secret")).map((path) => `src/${path}`),
  ].toSorted();

test.each(["a.zip", "a.tar.gz", "a.TGZ"])(
  "%s: what went in comes out again, but nothing hidden",
  async (output) => {
    const { data } = await compress(["src", "other.txt"], output);
    expect(data).toEqual({
      ...{
        output: inRoot(output),
        format: output.endsWith("zip") ? "zip" : "tar.gz",
        size: (await stat(inRoot(output))).size,
      },
      ...{ files: 6, folders: 3, links: 1, bytes: 2_000_023, left_out: [], left_out_count: 0 },
    });
    expect(data.size).toBeLessThan(100_000);
    await runTool(extractArchive, { archive: output, output: "out" }, context);
    expect(await listing("out")).toEqual(await expected());
    expect((await readFile(inRoot("out/src/large"))).equals(await readFile(inRoot("src/large")))).toBe(true);
    expect((await stat(inRoot("out/src/deep/run.sh"))).mode & 0o7777).toBe(0o755 & ~process.umask());
    expect(await readlink(inRoot("out/src/deep/link"))).toBe("../large");
  },
);

testUnless(noUnzip)("unzip and tar read it too", async () => {
  await compress(["src", "other.txt"], "a.zip");
  await compress(["src", "other.txt"], "a.tgz");
  for (const folder of ["by-unzip", "by-tar"]) await mkdir(inRoot(folder));
  execFileSync("unzip", ["-tq", inRoot("a.zip")]);
  execFileSync("unzip", ["-q", inRoot("a.zip"), "-d", inRoot("by-unzip")], {
    env: { ...process.env, LC_ALL: "C.UTF-8" },
  });
  execFileSync("tar", ["-xzf", inRoot("a.tgz"), "-C", inRoot("by-tar")]);
  for (const folder of ["by-unzip", "by-tar"]) {
    expect(await listing(folder)).toEqual(await expected());
    expect(await readFile(inRoot(folder, "src/größe 漢.txt"), "utf8")).toBe("text");
    expect(await readlink(inRoot(folder, "src/deep/link"))).toBe("../large");
    expect((await stat(inRoot(folder, "src/large"))).mtimeMs / 1_000).toBeCloseTo(
      (await stat(inRoot("src/large"))).mtimeMs / 1_000,
      -0.5,
    );
  }
});

test("an archive in the folder that goes into it is not in itself", async () => {
  expect((await compress(["src"], "src/a.zip")).ok).toBe(true);
  await runTool(extractArchive, { archive: "src/a.zip", output: "out" }, context);
  expect((await listing("out")).filter((path) => /zip|tmp/.test(path))).toEqual([]);
});

test("what is there is not replaced, and another ending is refused with those that are taken", async () => {
  await writeFile(inRoot("a.zip"), "mine");
  const result = await compress(["src"], "a.zip");
  expect([result.code, result.message]).toEqual(["exists", expect.not.stringContaining("overwrite")]);
  expect(await readFile(inRoot("a.zip"), "utf8")).toBe("mine");
  for (const output of ["a.rar", "a.gz", "a", "zip"])
    expect((await compress(["src"], output)).message).toContain(".tar.gz");
});

test("two things of the same name are a problem, and so is one that is missing", async () => {
  await writeFile(inRoot("src/deep/OTHER.txt"), "");
  const result = await compress(["other.txt", "src/deep/OTHER.txt"], "a.zip");
  expect([result.code, result.message]).toEqual(["exists", expect.stringContaining("the same name")]);
  expect((await compress(["src", "gone"], "a.zip")).code).toBe("not_found");
  expect(await readdir(context.root)).not.toContain("a.zip");
});

test("G27 nothing outside or hidden goes in, no link is followed below, and what is special is left out", async () => {
  await link(inRoot("src/secret/key"), inRoot("src/hard"));
  execFileSync("mkfifo", [inRoot("src/fifo")]);
  await symlink("/etc", inRoot("src/etc"));
  const { data } = await compress(["src"], "a.tar.gz");
  expect(data.left_out).toEqual([
    { path: "src/fifo", why: "is a fifo" },
    { path: "src/hard", why: expect.stringContaining("hard links") },
  ]);
  expect(data.links).toBe(2);
  for (const [path, code] of [
    ["src/secret", "not_allowed"],
    ["src/secret/key", "not_allowed"],
    ["src/hard", "not_allowed"],
    ["src/etc/passwd", "not_allowed"],
    ["../x", "not_allowed"],
    ["src/fifo", "not_a_file"],
    [".", "not_allowed"],
  ] as const)
    expect([path, (await compress([path], "b.zip")).code]).toEqual([path, code]);
  for (const output of ["src/secret/a.zip", "../a.zip", "/tmp/a.zip"])
    expect((await compress(["src"], output)).code).toBe("not_allowed");
  expect((await readdir(context.root)).toSorted()).toEqual(["a.tar.gz", "other.txt", "src"]);
});

test("more than 4 GB is refused, and nothing is left", async () => {
  await truncate(inRoot("src/large"), 4_100_000_000);
  const result = await compress(["src"], "a.zip");
  expect(result.code).toBe("too_large");
  expect((await readdir(context.root)).toSorted()).toEqual(["other.txt", "src"]);
});

test("a cancelled call, and one that runs out of time, leave nothing", async () => {
  context.deadlineAt = Date.now() + 1_000;
  expect((await compress(["src"], "a.zip")).code).toBe("too_large");
  context.abort();
  expect((await compress(["src"], "a.zip")).code).toBe("cancelled");
  expect((await readdir(context.root)).toSorted()).toEqual(["other.txt", "src"]);
});

test("arguments out of bounds are refused", async () => {
  for (const args of [
    { paths: [] },
    { paths: Array(101).fill("x") },
    { paths: "src" },
    { output: "" },
    { level: 9 },
  ])
    await expect(compress(["src"], "a.zip", args)).rejects.toThrow();
});
