// Where the system has no /proc/self/fd (macOS): names are used, and what was opened is compared with them afterwards.
import { mkdir, mkdtemp, readFile, realpath, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type TestContext, toolContext } from "../../../../../support/tool-context.ts";

// Before the modules are loaded: they look once. Linux ignores the flag of macOS that refuses links, so the checks
// after opening, which are the same on both, stand alone here.
Object.defineProperty(process, "platform", { value: "darwin" });
const { openEntry, openFile } = await import("../../../../../../plugins/tools/files/workspace/open-file.ts");
const { openFolder } = await import("../../../../../../plugins/tools/files/workspace/open-place.ts");
const { assertOpenedIsAllowed, HeldDirectory } = await import(
  "../../../../../../plugins/tools/files/workspace/held-directory.ts"
);
const { boundaryOf } = await import("../../../../../../lib/files/boundary.ts");
const { readBytes } = await import("../../../../../../plugins/tools/files/workspace/read-bytes.ts");
const { writeAtomically } = await import(
  "../../../../../../plugins/tools/files/workspace/write-atomically.ts"
);
const { searchByName } = await import("../../../../../../plugins/tools/files/workspace/search-by-name.ts");

let context: TestContext;
let outside: string;
beforeEach(async () => {
  context = await toolContext(["private"]);
  outside = await realpath(await mkdtemp(join(tmpdir(), "macjarvis-outside-")));
  for (const folder of ["folder", "private"]) await mkdir(join(context.root, folder));
  await writeFile(join(context.root, "folder", "file"), "inside");
  await writeFile(join(outside, "file"), "OUTSIDE");
});
afterEach(async () => {
  await context.remove();
  await rm(outside, { recursive: true });
});
const inRoot = (...names: string[]) => join(context.root, ...names);

test("files are read, written and found by name", async () => {
  await writeAtomically(context, "folder/new", { overwrite: false }, (handle) => handle.writeFile("new"));
  expect(await readFile(inRoot("folder", "new"), "utf8")).toBe("new");
  await using file = await openFile(context, "folder/file");
  expect((await readBytes(file.handle, 0, 100)).toString()).toBe("inside");
  const { results } = await searchByName(context, ".", "*", 10);
  expect(results.map(({ path }) => path)).toEqual(
    ["folder", "folder/file", "folder/new"].map((path) => inRoot(path)),
  );
});

test("G27 a file that is opened through a link that was not there before is refused", async () => {
  const { boundary, directory: top } = await openFolder(context, "folder");
  await using directory = top;
  await rename(inRoot("folder"), inRoot("aside"));
  await symlink(outside, inRoot("folder"));
  expect(directory.entry("file")).toBe(inRoot("folder", "file"));
  await expect(openEntry(boundary, directory, "file")).rejects.toMatchObject({ code: "not_allowed" });
});

test("G27 a folder that is no longer what was opened is refused", async () => {
  const { boundary, directory: top } = await openFolder(context, "folder");
  await using directory = top;
  await rename(inRoot("folder"), inRoot("aside"));
  await mkdir(inRoot("folder"));
  await expect(directory.assertAllowed(boundary)).rejects.toMatchObject({ code: "changed" });
});

test("G27 a hidden folder is known by its inode under any name", async () => {
  const boundary = await boundaryOf(context, "look");
  await rename(inRoot("private"), inRoot("renamed"));
  await using directory = await HeldDirectory.open(inRoot("renamed"), inRoot("renamed"));
  const check = assertOpenedIsAllowed(boundary, directory.handle, directory.path, directory.stats);
  await expect(check).rejects.toMatchObject({ code: "not_allowed" });
});
