// G27: another process swaps folders and files for links to the outside while a tool is at work.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { copyPath } from "../../../../../../plugins/tools/files/workspace/copy-path.ts";
import { grepFolder } from "../../../../../../plugins/tools/files/workspace/grep-folder.ts";
import { movePath } from "../../../../../../plugins/tools/files/workspace/move-path.ts";
import { openFile } from "../../../../../../plugins/tools/files/workspace/open-file.ts";
import { readBytes } from "../../../../../../plugins/tools/files/workspace/read-bytes.ts";
import { writeAtomically } from "../../../../../../plugins/tools/files/workspace/write-atomically.ts";
import { type TestContext, toolContext } from "../../../../../support/tool-context.ts";
import { waitFor } from "../../../../../support/wait-for.ts";

/** At least as many, and on until the swap has met the tool in both ways. */
const ATTEMPTS = 300;
const MOST_ATTEMPTS = 20_000;
/** Renames a folder away, puts a link in its place, and back, without end; `swaps` counts. */
const SWAPPER = `
const fs = require("node:fs");
const [name, target, counter] = process.argv.slice(1);
for (let swaps = 1; ; swaps += 1) {
  fs.renameSync(name, name + ".aside");
  fs.symlinkSync(target, name);
  fs.unlinkSync(name);
  fs.renameSync(name + ".aside", name);
  if (swaps % 100 === 0) fs.writeFileSync(counter, String(swaps));
}`;

let context: TestContext;
let outside: string;
let swapper: ChildProcess | undefined;
beforeEach(async () => {
  context = await toolContext();
  outside = await realpath(await mkdtemp(join(tmpdir(), "macjarvis-outside-")));
  await mkdir(join(context.root, "folder"));
  await writeFile(join(context.root, "folder", "file"), "inside");
  await writeFile(join(outside, "file"), "OUTSIDE");
});
afterEach(async () => {
  if (swapper?.exitCode === null) {
    const ended = new Promise((resolve) => swapper?.once("exit", resolve));
    swapper.kill("SIGKILL");
    await ended;
  }
  await context.remove();
  await rm(outside, { recursive: true });
});

async function swap(name: string, target: string): Promise<void> {
  const counter = join(outside, "swaps");
  swapper = spawn(process.execPath, ["-e", SWAPPER, name, target, counter], { stdio: "ignore" });
  await waitFor("a hundred swaps", () => readFile(counter, "utf8").then(Boolean, () => false));
}

/** What each attempt gave, and how often; `success` is what it gives while nothing is swapped. */
async function attempts(success: string, work: () => Promise<string>): Promise<Map<string, number>> {
  const seen = new Map<string, number>();
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    if (attempt >= ATTEMPTS && seen.has(success) && seen.size > 1) break;
    const outcome = await work().catch((error) => String(error.code));
    seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
  }
  return seen;
}

async function read(path: string): Promise<string> {
  await using file = await openFile(context, path);
  return (await readBytes(file.handle, 0, 100)).toString();
}

test("G27 a folder that is swapped for a link while files are read never gives the outside file", async () => {
  await swap(join(context.root, "folder"), outside);
  const seen = await attempts("inside", () => read("folder/file"));
  expect(seen.has("OUTSIDE")).toBe(false);
  expect(seen.has("inside")).toBe(true);
  expect(seen.size).toBeGreaterThan(1);
});

test("G27 a file that is swapped for a link while it is read never gives the outside file", async () => {
  await swap(join(context.root, "folder", "file"), join(outside, "file"));
  const seen = await attempts("inside", () => read("folder/file"));
  expect(seen.has("OUTSIDE")).toBe(false);
  expect(seen.has("inside")).toBe(true);
  expect(seen.size).toBeGreaterThan(1);
});

test("G27 a folder that is swapped for a link while files are written never puts one outside", async () => {
  await swap(join(context.root, "folder"), outside);
  const seen = await attempts("written", async () => {
    await writeAtomically(context, "folder/file", { overwrite: true }, (handle) =>
      handle.writeFile("inside"),
    );
    return "written";
  });
  expect(seen.has("written")).toBe(true);
  expect(seen.size).toBeGreaterThan(1);
  expect((await readdir(outside)).sort()).toEqual(["file", "swaps"]);
  expect(await readFile(join(outside, "file"), "utf8")).toBe("OUTSIDE");
});

test("G27 a folder that is swapped for a link while a tree is searched never shows the outside file", async () => {
  await swap(join(context.root, "folder"), outside);
  const request = { pattern: "inside|OUTSIDE", filePattern: undefined, excludeDirs: [], maxResults: 10 };
  const seen = await attempts("inside", async () => {
    const { matches } = await grepFolder(context, ".", request);
    return matches.map(({ text }) => text).join();
  });
  expect([...seen.keys()].join()).not.toContain("OUTSIDE");
  expect(seen.has("inside")).toBe(true);
  expect(seen.size).toBeGreaterThan(1);
});

test("G27 a folder that is swapped for a link while things are copied and moved is never the outside one", async () => {
  const elsewhere = join(context.root, "elsewhere");
  await mkdir(elsewhere);
  await swap(join(context.root, "folder"), outside);
  let number = 0;
  const seen = await attempts("moved", async () => {
    number += 1;
    await copyPath(context, "folder/file", `elsewhere/${number}`, false);
    await movePath(context, `elsewhere/${number}`, "folder/new", true);
    await copyPath(context, "folder", `elsewhere/tree${number}`, false);
    return "moved";
  });
  expect(seen.has("moved")).toBe(true);
  expect(seen.size).toBeGreaterThan(1);
  for (const entry of await readdir(elsewhere, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) expect(await readFile(join(entry.parentPath, entry.name), "utf8")).toBe("inside");
  expect((await readdir(outside)).sort()).toEqual(["file", "swaps"]);
  expect(await readFile(join(outside, "file"), "utf8")).toBe("OUTSIDE");
});
