// The tools that copy, move, pack and read where the system has no /proc/self/fd (macOS): all of it goes by names.
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { CommandResult, Tool } from "../../../../../contracts/tools.ts";
import { type TestContext, toolContext } from "../../../../support/tool-context.ts";
import { runTool } from "./run-tool.ts";

// Before the modules are loaded: they look once.
Object.defineProperty(process, "platform", { value: "darwin" });
const toolOf = async (name: string): Promise<Pick<Tool, "parameters" | "execute">> =>
  (await import(`../../../../../plugins/tools/files/${name}.ts`)).default;

let context: TestContext;
let commands: string[][];
beforeEach(async () => {
  context = await toolContext(["secret"]);
  commands = [];
  context.run = async (argv) => {
    commands.push(argv);
    const stdout = argv[1] === "-p" ? "0083;65c0e3a1;Safari;\n" : "com.apple.metadata:kMDItemWhereFroms\n";
    return {
      exit_code: 0,
      signal: null,
      stdout,
      stderr: "",
      truncated: false,
      timed_out: false,
    } satisfies CommandResult;
  };
  await mkdir(join(context.root, "tree/deep"), { recursive: true });
  await mkdir(join(context.root, "secret"));
  await writeFile(join(context.root, "tree/deep/a.txt"), "one\ntwo\n");
  await chmod(join(context.root, "tree/deep/a.txt"), 0o640);
  await symlink("deep/a.txt", join(context.root, "tree/link"));
});
afterEach(() => context.remove());
const call = async (name: string, args: Record<string, unknown>) =>
  runTool(await toolOf(name), args, context);
const ALL = ["deep", "deep/a.txt", "link"];
const listing = async (path: string) =>
  (await readdir(join(context.root, path), { recursive: true })).toSorted();

test("things are copied, moved and replaced", async () => {
  expect((await call("copy-file", { from: "tree", to: "copy" })).data).toMatchObject({ files: 1, links: 1 });
  expect((await call("move-file", { from: "copy", to: "moved" })).ok).toBe(true);
  expect(await listing("moved")).toEqual(ALL);
  expect((await stat(join(context.root, "moved/deep/a.txt"))).mode & 0o777).toBe(0o640);
  expect((await call("copy-file", { from: "tree/link", to: "moved/b" })).data).toMatchObject({ bytes: 8 });
  await writeFile(join(context.root, "new"), "new");
  expect((await call("move-file", { from: "new", to: "moved/b", overwrite: true })).data).toMatchObject({
    replaced: true,
  });
  expect(await readFile(join(context.root, "moved/b"), "utf8")).toBe("new");
  expect((await call("move-file", { from: "tree", to: "secret/x" })).code).toBe("not_allowed");
  expect((await call("copy-file", { from: "tree", to: "tree/deep/x" })).code).toBe("invalid_path");
  expect((await readdir(context.root)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test.each(["a.zip", "a.tar.gz"])(
  "%s is made, extracted anew and into a folder, and stays marked as from the internet",
  async (output) => {
    expect((await call("compress-files", { paths: ["tree"], output })).ok).toBe(true);
    for (const folder of ["new", "there"]) {
      if (folder === "there") await mkdir(join(context.root, folder));
      const { data } = await call("extract-archive", { archive: output, output: folder });
      expect(data).toMatchObject({ files: 1, quarantine: "kept", left_out: [] });
      expect(await listing(`${folder}/tree`)).toEqual(ALL);
      expect(commands.at(-1)?.slice(0, 6)).toEqual([
        "/usr/bin/xattr",
        "-w",
        "-r",
        "-s",
        "com.apple.quarantine",
        "0083;65c0e3a1;Safari;",
      ]);
      expect(commands.at(-1)?.[6]).toMatch(/\/\.macjarvis-[0-9a-f]+\.tmp$/);
    }
    expect((await readdir(context.root)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  },
);

test("files are read", async () => {
  const path = "tree/link";
  expect((await call("tail-log", { path, lines: 1 })).data).toMatchObject({ content: "two" });
  expect((await call("find-in-file", { path, query: "TWO" })).data).toMatchObject({ matches: [{ line: 2 }] });
  expect((await call("grep-search", { path, pattern: "^t" })).data).toMatchObject({ matches: [{ line: 2 }] });
  expect((await call("diff-files", { path1: path, path2: "tree/deep/a.txt" })).data).toMatchObject({
    identical: true,
  });
  expect((await call("find-advanced", { directory: ".", name_pattern: "*.txt" })).data).toMatchObject({
    results: [{ size: 8 }],
  });
  expect((await call("calculate-hash", { path })).ok).toBe(true);
});

test("file_info names extended attributes by xattr, of a link its own", async () => {
  expect((await call("file-info", { path: "tree/link" })).data).toMatchObject({
    type: "symlink",
    extended_attributes: ["com.apple.metadata:kMDItemWhereFroms"],
  });
  expect(commands).toEqual([["/usr/bin/xattr", "-s", join(context.root, "tree/link")]]);
});
