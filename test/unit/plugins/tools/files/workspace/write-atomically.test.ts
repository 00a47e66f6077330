// Writing: whole or not at all, never over what is there unless asked, and nothing left behind.
import { chmod, mkdir, readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import {
  type Fill,
  writeAtomically,
} from "../../../../../../plugins/tools/files/workspace/write-atomically.ts";
import { type TestContext, toolContext } from "../../../../../support/tool-context.ts";

let context: TestContext;
beforeEach(async () => {
  context = await toolContext();
});
afterEach(() => context.remove());

const inRoot = (name: string) => join(context.root, name);
const text =
  (content: string): Fill =>
  (handle) =>
    handle.writeFile(content);

test("a new file has its content and the system's usual mode, and no temporary file stays", async () => {
  const written = await writeAtomically(context, "a.txt", { overwrite: false }, text("größer"));
  expect(written).toEqual({ path: inRoot("a.txt"), bytes: 8, created: true });
  expect(await readFile(inRoot("a.txt"), "utf8")).toBe("größer");
  expect(((await stat(inRoot("a.txt"))).mode & 0o777).toString(8)).toBe(
    (0o666 & ~process.umask()).toString(8),
  );
  expect(await readdir(context.root)).toEqual(["a.txt"]);
});

test("a replaced file keeps its mode and gets a new inode", async () => {
  await writeFile(inRoot("run.sh"), "old");
  await chmod(inRoot("run.sh"), 0o750);
  const before = await stat(inRoot("run.sh"));
  await writeAtomically(context, "run.sh", { overwrite: true }, text("new"));
  const after = await stat(inRoot("run.sh"));
  expect(after.mode & 0o777).toBe(0o750);
  expect(after.ino).not.toBe(before.ino);
});

test("when the writing fails half way, the old file is untouched and no temporary file stays", async () => {
  await writeFile(inRoot("a.txt"), "old");
  const failing: Fill = async (handle) => {
    await handle.writeFile("half");
    throw new Error("the source broke off");
  };
  await expect(writeAtomically(context, "a.txt", { overwrite: true }, failing)).rejects.toThrow("broke off");
  expect(await readFile(inRoot("a.txt"), "utf8")).toBe("old");
  expect(await readdir(context.root)).toEqual(["a.txt"]);
});

test("without overwrite, a file that appears while the new one is written stays", async () => {
  const meanwhile: Fill = async (handle) => {
    await handle.writeFile("mine");
    await writeFile(inRoot("a.txt"), "theirs");
  };
  await expect(writeAtomically(context, "a.txt", { overwrite: false }, meanwhile)).rejects.toMatchObject({
    code: "exists",
  });
  expect(await readFile(inRoot("a.txt"), "utf8")).toBe("theirs");
  expect(await readdir(context.root)).toEqual(["a.txt"]);
});

test("a file that somebody changed since it was read is not replaced", async () => {
  await writeFile(inRoot("a.txt"), "read");
  const onlyIf = await stat(inRoot("a.txt"));
  const meanwhile: Fill = async (handle) => {
    await handle.writeFile("mine");
    await writeFile(inRoot("a.txt"), "theirs, longer");
  };
  const writing = writeAtomically(context, "a.txt", { overwrite: true, onlyIf }, meanwhile);
  await expect(writing).rejects.toMatchObject({ code: "changed" });
  expect(await readFile(inRoot("a.txt"), "utf8")).toBe("theirs, longer");
});

test("of many that make the same new file at once exactly one does", async () => {
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, (_, n) =>
      writeAtomically(context, "a.txt", { overwrite: false }, text(`writer ${n}`)),
    ),
  );
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect(await readdir(context.root)).toEqual(["a.txt"]);
});

test("G27 a folder that is moved out of the roots while a file is written in it gets no file", async () => {
  await mkdir(inRoot("root/inner"), { recursive: true });
  context.roots = [inRoot("root")];
  const moving: Fill = async (handle) => {
    await handle.writeFile("text");
    await rename(inRoot("root/inner"), inRoot("moved"));
  };
  const writing = writeAtomically(context, "inner/a.txt", { overwrite: true }, moving);
  await expect(writing).rejects.toMatchObject({ code: "not_allowed" });
  expect(await readdir(inRoot("moved"))).toEqual([]);
});
