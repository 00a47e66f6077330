// The walk through a tree: what it shows, where it ends, and that it closes what it opened.
import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { openFolder } from "../../../../../../plugins/tools/files/workspace/open-place.ts";
import { TreeWalk } from "../../../../../../plugins/tools/files/workspace/walk-tree.ts";
import { type TestContext, toolContext } from "../../../../../support/tool-context.ts";

let context: TestContext;
beforeEach(async () => {
  context = await toolContext(["b/hidden"]);
  for (const folder of ["a/deep", "b/hidden"]) await mkdir(join(context.root, folder), { recursive: true });
  for (const file of ["a/1", "a/deep/2", "b/hidden/3", "c"]) await writeFile(join(context.root, file), "");
  await symlink("..", join(context.root, "a", "up"));
});
afterEach(() => context.remove());

type Walked = { seen: string[]; truncated: boolean };
async function walk(maxEntries = 1_000, stopAfter = Number.POSITIVE_INFINITY): Promise<Walked> {
  const { boundary, directory: top } = await openFolder(context, ".");
  await using directory = top;
  const tree = new TreeWalk(boundary, { ...context, maxEntries });
  const seen: string[] = [];
  for await (const { relativePath, kind } of tree.entriesOf(directory)) {
    seen.push(`${relativePath} ${kind}`);
    if (seen.length >= stopAfter) break;
  }
  return { seen, truncated: tree.truncated };
}

test("G27 the walk shows everything by name, hidden folders left out and links not followed", async () => {
  expect(await walk()).toEqual({
    seen: [
      "a directory",
      "a/1 file",
      "a/deep directory",
      "a/deep/2 file",
      "a/up symlink",
      "b directory",
      "c file",
    ],
    truncated: false,
  });
});

test("the walk ends at its bound of entries and says so", async () => {
  const { seen, truncated } = await walk(4);
  expect(truncated).toBe(true);
  expect(seen.length).toBeLessThanOrEqual(4);
});

test("folders beyond the bound of depth are not entered, and that is said", async () => {
  await mkdir(join(context.root, "x/".repeat(70)), { recursive: true });
  expect((await walk()).truncated).toBe(true);
});

test("the walk ends before the call's deadline with what it has, and says so", async () => {
  context.deadlineAt = Date.now();
  expect(await walk()).toEqual({ seen: [], truncated: true });
});

test("the walk stops on the signal", async () => {
  const walking = walk();
  context.abort();
  await expect(walking).rejects.toMatchObject({ name: "AbortError" });
});

test("a walk that is left early closes the folders it held", async () => {
  const openNow = async () => (await readdir("/proc/self/fd").catch(() => [])).length;
  await walk(1_000, 4);
  const before = await openNow();
  for (let round = 0; round < 20; round += 1) await walk(1_000, 4);
  expect(await openNow()).toBeLessThanOrEqual(before + 2);
});
