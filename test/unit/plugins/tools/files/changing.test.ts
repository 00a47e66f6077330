// The file tools that change something: write_file, append_file, edit_file, make_directory and move_to_trash.
import { spawnSync } from "node:child_process";
import {
  chmod,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import appendFile from "../../../../../plugins/tools/files/append-file.ts";
import editFile from "../../../../../plugins/tools/files/edit-file.ts";
import makeDirectory from "../../../../../plugins/tools/files/make-directory.ts";
import writeFileTool from "../../../../../plugins/tools/files/write-file.ts";
import { environment } from "../../../../support/environment.ts";
import { type TestContext, toolContext } from "../../../../support/tool-context.ts";
import { runTool } from "./run-tool.ts";

let context: TestContext;
beforeEach(async () => {
  context = await toolContext(["secret"]);
  await mkdir(inRoot("secret"));
});
afterEach(() => context.remove());
const inRoot = (path: string) => join(context.root, path);
const textOf = (path: string) => readFile(inRoot(path), "utf8");

/** What the tool answers in a process of its own, which does something else first. */
function inProcess(tool: string, args: object, before = "", home = context.root) {
  const script = `
    import tool from ${JSON.stringify(join(process.cwd(), `plugins/tools/files/${tool}.ts`))};
    ${before}
    const context = { approved: false, home: ${JSON.stringify(home)}, roots: [${JSON.stringify(context.root)}], hidden: [], protected: [], signal: AbortSignal.timeout(30_000) };
    const answer = (error) => ({ ok: false, error: { code: error.code, message: error.message } });
    console.log(JSON.stringify(await tool.execute(${JSON.stringify(args)}, context).catch(answer)));`;
  const argv = ["--input-type=module-typescript", "-e", script];
  const { stdout } = spawnSync(process.execPath, argv, {
    env: environment({ HOME: home }),
    encoding: "utf8",
  });
  return JSON.parse(stdout);
}

describe("write_file", () => {
  const write = (args: Record<string, unknown>) => runTool(writeFileTool, args, context);

  test("makes a file, and replaces one only when asked", async () => {
    expect((await write({ path: "a", content: "one" })).data).toMatchObject({ bytes: 3, created: true });
    expect((await write({ path: "a", content: "two" })).code).toBe("exists");
    expect(await textOf("a")).toBe("one");
    expect((await write({ path: "a", content: "two", overwrite: true })).data).toMatchObject({
      created: false,
    });
    expect(await textOf("a")).toBe("two");
  });

  test("a folder that is missing is a problem that says which", async () => {
    const result = await write({ path: "gone/a", content: "" });
    expect(result).toMatchObject({ ok: false, code: "not_found" });
    expect(result.message).toContain(inRoot("gone"));
  });

  test("G27 nothing is written into a hidden folder or to a hard link", async () => {
    await writeFile(inRoot("secret/key"), "secret");
    await link(inRoot("secret/key"), inRoot("hard"));
    for (const path of ["secret/new", "SECRET/new", "hard"]) {
      expect((await write({ path, content: "x", overwrite: true })).code).toBe("not_allowed");
    }
    expect(await textOf("secret/key")).toBe("secret");
    expect(await readdir(inRoot("secret"))).toEqual(["key"]);
  });

  test("a file that may not be written is not replaced by the way of its folder", async () => {
    await writeFile(inRoot("locked"), "old");
    await chmod(inRoot("locked"), 0o444);
    await chmod(context.root, 0o777);
    const args = { path: "locked", content: "x", overwrite: true };
    const ended = inProcess("write-file", args, "if (process.getuid() === 0) process.setuid(65534);");
    expect(ended).toMatchObject({ ok: false, error: { code: "permission_denied" } });
    expect(await textOf("locked")).toBe("old");
  });
});

describe("append_file", () => {
  const append = (args: Record<string, unknown>) => runTool(appendFile, args, context);

  test("adds to the end, exactly as given, in the same file", async () => {
    await writeFile(inRoot("log"), "one");
    const { ino } = await stat(inRoot("log"));
    expect((await append({ path: "log", content: "\ntwö" })).data).toMatchObject({ bytes: 5, size: 8 });
    expect(await textOf("log")).toBe("one\ntwö");
    expect((await stat(inRoot("log"))).ino).toBe(ino);
  });

  test("a missing file is made only when asked", async () => {
    expect((await append({ path: "log", content: "x" })).code).toBe("not_found");
    await append({ path: "log", content: "x", create_if_missing: true });
    expect(await textOf("log")).toBe("x");
  });

  test("calls at once lose nothing, also beside edits of the same file", async () => {
    await writeFile(inRoot("log"), "start\n");
    const edit = { path: "log", old_text: "start", new_text: "START" };
    const edited = runTool(editFile, edit, context);
    const appended = Array.from({ length: 20 }, (_, n) => append({ path: "log", content: `line ${n}\n` }));
    expect((await Promise.all([edited, ...appended])).every(({ ok }) => ok)).toBe(true);
    const lines = (await textOf("log")).trim().split("\n");
    expect(lines[0]).toBe("START");
    expect(new Set(lines).size).toBe(21);
  });
});

describe("edit_file", () => {
  const edit = (args: Record<string, unknown>) => runTool(editFile, { path: "a", ...args }, context);

  test("replaces the one place, character by character as given, and keeps the mode", async () => {
    await writeFile(inRoot("a"), "\ufeffcost: X\r\nend");
    await chmod(inRoot("a"), 0o755);
    const { data } = await edit({ old_text: "X", new_text: "$& $1 $$" });
    expect(data).toMatchObject({ replacements: 1 });
    expect(await textOf("a")).toBe("\ufeffcost: $& $1 $$\r\nend");
    expect((await stat(inRoot("a"))).mode & 0o777).toBe(0o755);
  });

  test("text that is not there, or in several places, is a problem, and the file stays", async () => {
    await writeFile(inRoot("a"), "x y x y x");
    expect((await edit({ old_text: "z", new_text: "" })).code).toBe("text_not_found");
    const result = await edit({ old_text: "x", new_text: "" });
    expect(result.code).toBe("not_unique");
    expect(result.message).toContain("3 places");
    expect(await textOf("a")).toBe("x y x y x");
  });

  test.each([
    ["aXaXa", "aXa", "2 places"],
    ["one\n\n\ntwo", "\n\n", "2 places"],
    ["aaaa", "aaa", "2 places"],
  ])("text that is there again within itself has several places: %j", async (text, old_text, places) => {
    await writeFile(inRoot("a"), text);
    const result = await edit({ old_text, new_text: "" });
    expect([result.code, result.message]).toEqual(["not_unique", expect.stringContaining(places)]);
    expect(await textOf("a")).toBe(text);
  });

  test("replaces all places when asked", async () => {
    await writeFile(inRoot("a"), "x y x");
    expect((await edit({ old_text: "x", new_text: "xx", replace_all: true })).data).toMatchObject({
      replacements: 2,
    });
    expect(await textOf("a")).toBe("xx y xx");
  });

  test("says so when only the line endings differ", async () => {
    await writeFile(inRoot("a"), "one\ntwo\n");
    expect((await edit({ old_text: "one\r\ntwo", new_text: "" })).message).toContain("write them as \\n");
  });

  test("a binary and a file over 5 MB are not edited", async () => {
    await writeFile(inRoot("a"), Buffer.from("x\0"));
    expect((await edit({ old_text: "x", new_text: "y" })).code).toBe("binary");
    await writeFile(inRoot("a"), "x".repeat(5 * 1024 * 1024 + 1));
    expect((await edit({ old_text: "x", new_text: "y", replace_all: true })).code).toBe("too_large");
  });

  test("several edits of one file at once all happen", async () => {
    await writeFile(inRoot("a"), Array.from({ length: 20 }, (_, n) => `<${n}>`).join());
    const all = Array.from({ length: 20 }, (_, n) => edit({ old_text: `<${n}>`, new_text: `[${n}]` }));
    expect((await Promise.all(all)).every(({ ok }) => ok)).toBe(true);
    expect(await textOf("a")).toBe(Array.from({ length: 20 }, (_, n) => `[${n}]`).join());
  });
});

describe("make_directory", () => {
  const make = (args: Record<string, unknown>) => runTool(makeDirectory, args, context);

  test("makes one folder; those above only when asked", async () => {
    expect((await make({ path: "a" })).data).toEqual({ path: inRoot("a"), created: true });
    expect((await make({ path: "b/c/d" })).code).toBe("not_found");
    expect((await make({ path: "b/c/d", parents: true })).data).toMatchObject({ created: true });
    expect((await stat(inRoot("b/c/d"))).isDirectory()).toBe(true);
  });

  test("one that is there is a problem, or fine with `parents`; a file in its place never", async () => {
    await mkdir(inRoot("a"));
    await writeFile(inRoot("file"), "");
    expect((await make({ path: "a" })).code).toBe("exists");
    expect((await make({ path: "a", parents: true })).data).toMatchObject({ created: false });
    expect((await make({ path: ".", parents: true })).data).toMatchObject({ created: false });
    expect((await make({ path: "file" })).code).toBe("exists");
    expect((await make({ path: "file", parents: true })).code).toBe("not_a_directory");
  });

  test("many at once make the same folders without a problem", async () => {
    const all = await Promise.all(Array.from({ length: 10 }, () => make({ path: "x/y/z", parents: true })));
    expect(all.every(({ ok }) => ok)).toBe(true);
  });
});

describe("move_to_trash", () => {
  test("moves into the trash of the home folder", async () => {
    const home = await mkdtemp(join(tmpdir(), "macjarvis-home-"));
    await symlink("nowhere", inRoot("thing"));
    const said = inProcess("move-to-trash", { path: "thing" }, "", home);
    expect(said).toMatchObject({ ok: true, data: { path: inRoot("thing") } });
    expect(said.data.trashed_to.startsWith(home)).toBe(true);
    expect(await readdir(context.root)).toEqual(["secret"]);
    await rm(home, { recursive: true });
  });
});
