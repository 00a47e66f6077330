// The copy of one file as macOS makes it: by the system's own, which takes a name, so what came of it is looked at.
import {
  appendFile,
  copyFile,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { copyData } from "../../../../../../plugins/tools/files/workspace/copy-data.ts";
import { openFile } from "../../../../../../plugins/tools/files/workspace/open-file.ts";
import { openFolder } from "../../../../../../plugins/tools/files/workspace/open-place.ts";
import { type TestContext, toolContext } from "../../../../../support/tool-context.ts";

let context: TestContext;
let outside: string;
beforeEach(async () => {
  context = await toolContext();
  outside = await realpath(await mkdtemp(join(tmpdir(), "macjarvis-outside-")));
  await writeFile(join(context.root, "a"), "inside");
  await utimes(join(context.root, "a"), 1_000, 2_000);
  await writeFile(join(outside, "a"), "OUTSIDE");
});
afterEach(async () => {
  await context.remove();
  await rm(outside, { recursive: true });
});

async function copied(copyFile: typeof import("node:fs/promises").copyFile): Promise<string> {
  await using source = await openFile(context, "a");
  await using directory = (await openFolder(context, ".")).directory;
  await copyData(source, directory, "b", context.signal, { platform: "darwin", copyFile });
  expect((await stat(join(context.root, "b"))).mtimeMs).toBe(2_000_000);
  return readFile(join(context.root, "b"), "utf8");
}

/** As `copyfile` does it, which keeps times. */
const asOnMac: typeof copyFile = async (from, to, mode) => {
  await copyFile(from, to, mode);
  const { atime, mtime } = await stat(from);
  await utimes(to, atime, mtime);
};

test("what the system's copy made is kept", async () => {
  let calls = 0;
  const counting: typeof copyFile = (...args) => {
    calls += 1;
    return asOnMac(...args);
  };
  expect(await copied(counting)).toBe("inside");
  expect(calls).toBe(1);
});

test("G27 the copy of another file, swapped in meanwhile, is thrown away and the opened file is copied", async () => {
  expect(await copied((_from, to, mode) => asOnMac(join(outside, "a"), to, mode))).toBe("inside");
  expect((await readdir(context.root)).toSorted()).toEqual(["a", "b"]);
});

test("where the system's copy fails, the file is copied by its bytes", async () => {
  const failing = () =>
    Promise.reject(Object.assign(new Error("no"), { code: "ENOTSUP", syscall: "copyfile" }));
  expect(await copied(failing)).toBe("inside");
});

test("a full volume is told at once", async () => {
  const full = () =>
    Promise.reject(Object.assign(new Error("full"), { code: "ENOSPC", syscall: "copyfile" }));
  await expect(copied(full)).rejects.toMatchObject({ code: "ENOSPC" });
});

test("of a file that grows meanwhile as much is copied as was there, and one that is cut off is a problem", async () => {
  const name = join(context.root, "a");
  const copyAs = async (meanwhile: () => Promise<void>) => {
    await using source = await openFile(context, "a");
    await using directory = (await openFolder(context, ".")).directory;
    await meanwhile();
    return await copyData(source, directory, `copy${Math.random()}`, context.signal);
  };
  expect(await copyAs(() => appendFile(name, " and more"))).toBe(6);
  await expect(copyAs(() => truncate(name, 3))).rejects.toMatchObject({ code: "changed" });
});
