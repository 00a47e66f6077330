// The file tools that only look: list_directory, search_files, grep_recursive, file_info and read_file.
import { execFileSync } from "node:child_process";
import { chmod, link, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import fileInfo from "../../../../../plugins/tools/files/file-info.ts";
import grepRecursive from "../../../../../plugins/tools/files/grep-recursive.ts";
import listDirectory from "../../../../../plugins/tools/files/list-directory.ts";
import readFileTool from "../../../../../plugins/tools/files/read-file.ts";
import searchFiles from "../../../../../plugins/tools/files/search-files.ts";
import type { FileDescription } from "../../../../../plugins/tools/files/workspace/describe-file.ts";
import type { LinesFound } from "../../../../../plugins/tools/files/workspace/grep-folder.ts";
import type { Listing } from "../../../../../plugins/tools/files/workspace/list-folder.ts";
import type { NamesFound } from "../../../../../plugins/tools/files/workspace/search-by-name.ts";
import type { TextPart } from "../../../../../plugins/tools/files/workspace/text.ts";
import { type TestContext, toolContext } from "../../../../support/tool-context.ts";
import { testUnless } from "../../../../support/unless.ts";
import { runTool } from "./run-tool.ts";

const noOddNames = process.platform === "darwin" ? "macOS takes no such names" : undefined;

let context: TestContext;
beforeEach(async () => {
  context = await toolContext(["secret"]);
  for (const folder of ["src/deep", "secret", "node_modules/pkg", ".git"]) {
    await mkdir(inRoot(folder), { recursive: true });
  }
  await writeFile(inRoot("src/one.ts"), "first line\nneedle 42 here\n");
  await writeFile(inRoot("src/deep/two.js"), "no\r\nNEEDLE 7\r\n");
  await writeFile(inRoot("secret/key.ts"), "needle 1");
  await writeFile(inRoot("node_modules/pkg/i.ts"), "needle 2");
  await writeFile(inRoot(".git/config.ts"), "needle 3");
  await symlink("secret", inRoot("alias"));
});
afterEach(() => context.remove());
const inRoot = (path: string) => join(context.root, path);

describe("list_directory", () => {
  const list = (args: Record<string, unknown>) => runTool<Listing>(listDirectory, args, context);

  test("gives name, type, size and time of each entry, by name", async () => {
    const { data } = await list({ path: "src" });
    expect(data.path).toBe(inRoot("src"));
    expect(data.entries.map(({ path, type }) => [path, type])).toEqual([
      ["deep", "directory"],
      ["one.ts", "file"],
    ]);
    expect(data.entries[1]).toMatchObject({
      size: 26,
      modified: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
  });

  test("G27 goes below folders when asked, shows no hidden one and follows no link", async () => {
    const { data } = await list({ path: ".", recursive: true });
    const paths = data.entries.map(({ path }) => path);
    expect(paths).toContain("src/deep/two.js");
    expect(paths).toContain("alias");
    expect(paths.filter((path) => /secret|key|alias\//.test(path))).toEqual([]);
  });

  testUnless(noOddNames)("shows names that are not UTF-8, which no path reaches", async () => {
    const folder = Buffer.from(join(context.root, "odd"));
    await mkdir(folder);
    await writeFile(Buffer.concat([folder, Buffer.from("/a\xff.txt", "latin1")]), "x");
    await mkdir(Buffer.concat([folder, Buffer.from("/b\xff", "latin1")]));
    expect((await list({ path: "odd", recursive: true })).data).toMatchObject({
      entries: [
        { path: "a\ufffd.txt", type: "file", size: null, modified: null },
        { path: "b\ufffd", type: "directory", size: null, modified: null },
      ],
      unreadable: 1,
    });
  });

  test("ends at its limit and says that there is more", async () => {
    expect((await list({ path: ".", recursive: true, limit: 3 })).data).toMatchObject({ truncated: true });
    expect((await list({ path: "src", limit: 2 })).data).toMatchObject({ truncated: false });
  });

  test("a file, a missing folder and one outside are problems in words", async () => {
    expect((await list({ path: "src/one.ts" })).code).toBe("not_a_directory");
    expect((await list({ path: "gone" })).message).toContain("does not exist");
    expect((await list({ path: "/" })).code).toBe("not_allowed");
    expect((await list({ path: "secret" })).code).toBe("not_allowed");
  });
});

describe("search_files", () => {
  const search = (args: Record<string, unknown>) => runTool<NamesFound>(searchFiles, args, context);

  test("G27 finds names at any depth by a glob, none of them hidden", async () => {
    const { data } = await search({ path: ".", pattern: "*.ts" });
    expect(data.results).toEqual(
      [".git/config.ts", "node_modules/pkg/i.ts", "src/one.ts"].map((path) => ({
        path: inRoot(path),
        type: "file",
      })),
    );
  });

  test("finds a name whichever way its accents are composed, in the name and in the pattern", async () => {
    const [composed, decomposed] = ["café".normalize("NFC"), "café".normalize("NFD")];
    await mkdir(inRoot(`src/${decomposed}`));
    await writeFile(inRoot(`src/${decomposed}/${composed}.txt`), "needle");
    await writeFile(inRoot(`src/${decomposed}/${decomposed}-2.txt`), "needle");
    const found = [`${composed}.txt`, `${decomposed}-2.txt`].map((name) =>
      inRoot(`src/${decomposed}/${name}`),
    );
    const results = async (pattern: string) =>
      (await search({ path: "src", pattern })).data.results.map(({ path }) => path).toSorted();
    for (const word of [composed, decomposed]) {
      expect(await results(`*${word}*.txt`)).toEqual(found.toSorted());
      expect(await results(`${word}/*.txt`)).toEqual(found.toSorted());
      const grep = await runTool<LinesFound>(
        grepRecursive,
        { directory: "src", pattern: "needle", file_pattern: `*${word}*` },
        context,
      );
      expect(grep.data.matches).toHaveLength(2);
      const excluded = { directory: "src", pattern: "needle", exclude_dirs: [word] };
      expect((await runTool<LinesFound>(grepRecursive, excluded, context)).data.matches).toHaveLength(1);
      const read = await runTool<TextPart>(readFileTool, { path: `src/${word}/${word}.txt` }, context);
      expect(read.data.content).toBe("needle");
      expect(
        (await runTool<Listing>(listDirectory, { path: `src/${word}` }, context)).data.entries,
      ).toHaveLength(2);
    }
  });

  test("a glob with a slash means the path below the folder", async () => {
    const { data } = await search({ path: ".", pattern: "src/**/*.{ts,js}" });
    expect(data.results.map(({ path }) => path)).toEqual([inRoot("src/deep/two.js"), inRoot("src/one.ts")]);
  });

  test("ends at its limit and says that there is more", async () => {
    const { data } = await search({ path: ".", pattern: "*", max_results: 2 });
    expect(data).toMatchObject({ truncated: true });
    expect(data.results).toHaveLength(2);
  });

  test("more than 500 results and unknown arguments are refused by the schema", async () => {
    await expect(search({ path: ".", pattern: "*", max_results: 501 })).rejects.toThrow();
    await expect(search({ path: ".", pattern: "*", limit: 5 })).rejects.toThrow();
  });

  test("stops on the signal", async () => {
    const searching = search({ path: ".", pattern: "*" });
    context.abort();
    expect((await searching).code).toBe("cancelled");
  });
});

describe("grep_recursive", () => {
  const grep = (args: Record<string, unknown>) => runTool<LinesFound>(grepRecursive, args, context);

  test("G27 gives path, number and text of lines that fit; hidden and excluded folders are left out", async () => {
    const { data } = await grep({ pattern: "(?i)needle \\d+", directory: "." });
    expect(data.matches).toEqual([
      { path: inRoot("src/deep/two.js"), line: 2, text: "NEEDLE 7" },
      { path: inRoot("src/one.ts"), line: 2, text: "needle 42 here" },
    ]);
    expect(data).toMatchObject({ truncated: false, files_searched: 2 });
  });

  test("other folders can be excluded, and files chosen by a glob", async () => {
    const args = { pattern: "needle", directory: ".", file_pattern: "*.ts", exclude_dirs: ["src"] };
    const { data } = await grep(args);
    expect(data.matches.map(({ path }) => path)).toEqual(
      [".git/config.ts", "node_modules/pkg/i.ts"].map(inRoot),
    );
  });

  test("binary and large files are skipped and counted, long lines cut", async () => {
    await mkdir(inRoot("more"));
    await writeFile(inRoot("more/binary"), Buffer.concat([Buffer.from("needle"), Buffer.alloc(4)]));
    await writeFile(inRoot("more/large"), "needle\n".repeat(800_000));
    await writeFile(inRoot("more/long"), `needle ${"x".repeat(1_000)}`);
    const { data } = await grep({ pattern: "needle", directory: "more" });
    expect(data).toMatchObject({ files_skipped: 2, files_searched: 1 });
    expect(data.matches.map(({ text }) => text.length)).toEqual([501]);
  });

  test("G27 a hard link and a FIFO in the tree are neither read nor waited for", async () => {
    await mkdir(inRoot("trap"));
    await link(inRoot("secret/key.ts"), inRoot("trap/hard"));
    execFileSync("mkfifo", [inRoot("trap/fifo")]);
    const { data } = await grep({ pattern: "needle", directory: "trap" });
    expect(data).toMatchObject({ matches: [], unreadable: 1, files_searched: 0 });
  });

  test("ends at its limit and says that there is more", async () => {
    await writeFile(inRoot("src/many"), "needle\n".repeat(10));
    const many = (max_results: number) =>
      grep({ pattern: "needle", directory: "src", file_pattern: "many", max_results });
    expect((await many(9)).data).toMatchObject({ truncated: true });
    expect((await many(9)).data.matches).toHaveLength(9);
    expect((await many(10)).data).toMatchObject({ truncated: false });
  });

  test("a pattern that is none is a problem in words", async () => {
    expect(await grep({ pattern: "(", directory: "." })).toMatchObject({
      ok: false,
      code: "invalid_pattern",
    });
  });

  test("gives the event loop its turns while it works on one large file", async () => {
    await writeFile(inRoot("src/work"), "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\n".repeat(120_000));
    // Of this thread's computing: a busy machine takes time from it, but none of this.
    const spent = () => process.threadCpuUsage().user;
    const start = spent();
    let longest = 0;
    let last = start;
    const turn = () => {
      longest = Math.max(longest, spent() - last);
      last = spent();
      next = setImmediate(turn);
    };
    let next = setImmediate(turn);
    await grep({ pattern: "a.*[xy]", directory: "src", file_pattern: "work" });
    clearImmediate(next);
    // Without turns nearly all of it would be one stretch.
    expect(longest / (spent() - start)).toBeLessThan(0.5);
  });
});

describe("file_info", () => {
  const info = (path: string) => runTool<FileDescription>(fileInfo, { path }, context);

  test("tells type, size, mode, links and times of a file", async () => {
    await chmod(inRoot("src/one.ts"), 0o640);
    expect((await info("src/one.ts")).data).toMatchObject({
      path: inRoot("src/one.ts"),
      type: "file",
      size: 26,
      mode: "0640",
      links: 1,
      modified: expect.stringMatching(/Z$/),
    });
  });

  test("describes a link itself, folders, roots and FIFOs without opening them", async () => {
    execFileSync("mkfifo", [inRoot("fifo")]);
    expect((await info("alias")).data).toMatchObject({ type: "symlink", target: "secret" });
    expect((await info("src")).data).toMatchObject({ type: "directory" });
    expect((await info(".")).data).toMatchObject({ type: "directory", path: context.root });
    expect((await info("fifo")).data).toMatchObject({ type: "fifo" });
  });

  test("gives the names of extended attributes from the system's command, null without it", async () => {
    const asked: string[][] = [];
    context.run = async (argv) => {
      asked.push(argv);
      const stdout = "# file: /proc/1/fd/3/one.ts\nuser.colour\nuser.origin\n\n";
      return { exit_code: 0, signal: null, stdout, stderr: "", truncated: false, timed_out: false };
    };
    const names = (await info("src/one.ts")).data.extended_attributes;
    expect(names?.slice(-2)).toEqual(["user.colour", "user.origin"]);
    expect(asked[0]?.at(-1)).toMatch(/one\.ts$/);
  });

  test("G27 hidden and outside files are refused, also through a link in the middle", async () => {
    for (const path of ["secret/key.ts", "alias/key.ts", "secret", "/etc/passwd"]) {
      expect((await info(path)).code).toBe("not_allowed");
    }
  });
});

describe("read_file", () => {
  const read = (args: Record<string, unknown>) => runTool<TextPart>(readFileTool, args, context);

  test("reads in parts, each with the size and the next offset", async () => {
    const { data } = await read({ path: "src/one.ts", max_bytes: 10 });
    expect(data).toMatchObject({ content: "first line", truncated: true, next_offset: 10, size: 26 });
    const rest = await read({ path: "src/one.ts", offset: 10 });
    expect(rest.data).toMatchObject({ content: "\nneedle 42 here\n", truncated: false, next_offset: null });
  });

  test("more than 50000 bytes, or unknown arguments, are refused by the schema", async () => {
    await expect(read({ path: "src/one.ts", max_bytes: 50_001 })).rejects.toThrow();
    await expect(read({ path: "src/one.ts", charset: "utf8" })).rejects.toThrow();
  });

  test("G27 every expected failure is a result with words and no path of the system's own", async () => {
    await writeFile(inRoot("bin"), Buffer.from([1, 0, 2]));
    const failures: Record<string, string> = {
      gone: "not_found",
      "gone/below": "not_found",
      src: "is_directory",
      bin: "binary",
      "secret/key.ts": "not_allowed",
      "src/one.ts/below": "not_a_directory",
      [`x${"y".repeat(300)}`]: "invalid_path",
    };
    for (const [path, code] of Object.entries(failures)) {
      const result = await read({ path });
      expect([path, result.code]).toEqual([path, code]);
      expect(result.message).not.toMatch(/ENO|EIS|\/proc\/|at .*\.ts:/);
    }
  });
});
