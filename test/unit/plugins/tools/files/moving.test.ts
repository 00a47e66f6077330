// move_file and copy_file: nothing lost, nothing half-done, nothing outside.
import { execFileSync } from "node:child_process";
import {
  chmod,
  link,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  realpath,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import copyFileTool from "../../../../../plugins/tools/files/copy-file.ts";
import moveFileTool from "../../../../../plugins/tools/files/move-file.ts";
import type { CopiedFolder } from "../../../../../plugins/tools/files/workspace/copy-path.ts";
import type { Moved } from "../../../../../plugins/tools/files/workspace/move-path.ts";
import { noSmallDisk, SmallDisk } from "../../../../support/small-disk.ts";
import { type TestContext, toolContext } from "../../../../support/tool-context.ts";
import { testUnless } from "../../../../support/unless.ts";
import { runTool } from "./run-tool.ts";

let context: TestContext;
beforeEach(async () => {
  context = await toolContext(["secret"]);
  await mkdir(inRoot("secret"));
  await writeFile(inRoot("secret/key"), "secret");
});
afterEach(() => context.remove());
const inRoot = (...names: string[]) => join(context.root, ...names);
const textOf = (path: string) => readFile(inRoot(path), "utf8");
const move = (from: string, to: string, args: Record<string, unknown> = {}) =>
  runTool<Moved>(moveFileTool, { from, to, ...args }, context);
const copy = (from: string, to: string, args: Record<string, unknown> = {}) =>
  runTool<CopiedFolder & { bytes: number }>(copyFileTool, { from, to, ...args }, context);

/** A folder with a bit of everything. */
async function makeTree(): Promise<void> {
  await mkdir(inRoot("tree/deep/er"), { recursive: true });
  await writeFile(inRoot("tree/größe.txt"), "text");
  await writeFile(inRoot("tree/deep/run.sh"), "#!/bin/sh");
  await chmod(inRoot("tree/deep/run.sh"), 0o750);
  await symlink("../größe.txt", inRoot("tree/deep/link"));
  await chmod(inRoot("tree/deep/er"), 0o555);
  await utimes(inRoot("tree/deep"), 1_000, 2_000);
}
const listing = async (folder: string) => (await readdir(inRoot(folder), { recursive: true })).toSorted();
const ALL = ["deep", "deep/er", "deep/link", "deep/run.sh", "größe.txt"];

describe("both", () => {
  const both = [
    ["move_file", move],
    ["copy_file", copy],
  ] as const;

  test.each(both)("%s replaces a file only when asked", async (_name, call) => {
    await writeFile(inRoot("a"), "new");
    await writeFile(inRoot("b"), "old");
    const refused = await call("a", "b");
    expect([refused.code, refused.message]).toEqual(["exists", expect.stringContaining("overwrite")]);
    expect(await textOf("b")).toBe("old");
    expect((await call("a", "b", { overwrite: true })).data).toMatchObject({ replaced: true });
    expect(await textOf("b")).toBe("new");
  });

  test.each(both)("%s neither fills nor replaces a folder, and says what to name", async (_name, call) => {
    await writeFile(inRoot("a"), "new");
    await makeTree();
    await mkdir(inRoot("folder"));
    for (const from of ["a", "tree"]) {
      const result = await call(from, "folder", { overwrite: true });
      expect([result.code, result.message]).toEqual([
        "exists",
        expect.stringContaining(inRoot("folder", from)),
      ]);
    }
    expect((await call("tree", "a", { overwrite: true })).code).toBe("exists");
    expect(await readdir(inRoot("folder"))).toEqual([]);
  });

  test.each(both)("G27 %s refuses what is hidden or outside, at either end", async (_name, call) => {
    await writeFile(inRoot("a"), "text");
    const outside = await realpath(await mkdtemp(join(tmpdir(), "macjarvis-outside-")));
    await symlink(outside, inRoot("out"));
    for (const [from, to] of [
      ["secret/key", "b"],
      ["secret", "b"],
      ["SECRET/key", "b"],
      ["a", "secret/b"],
      ["a", "Secret"],
      ["a", "../b"],
      ["a", "out/b"],
      ["a", join(outside, "b")],
      ["/etc/hostname", "b"],
      [".", "b"],
    ] as const)
      expect([from, to, (await call(from, to)).code]).toEqual([from, to, "not_allowed"]);
    expect([await readdir(outside), (await readdir(context.root)).toSorted()]).toEqual([
      [],
      ["a", "out", "secret"],
    ]);
    await rm(outside, { recursive: true });
  });

  test.each(both)(
    "%s does not put a folder into itself, by whatever way it is named",
    async (_name, call) => {
      await makeTree();
      await symlink("tree/deep", inRoot("way"));
      for (const to of ["tree/x", "tree/deep/x", "way/x"])
        expect([to, (await call("tree", to)).code]).toEqual([to, "invalid_path"]);
      expect((await call("tree", "tree")).code).toBe("exists");
      expect(await listing("tree")).toEqual(ALL);
    },
  );

  test.each(both)("%s says that something is missing", async (_name, call) => {
    await writeFile(inRoot("a"), "");
    expect((await call("gone", "b")).code).toBe("not_found");
    expect((await call("a", "gone/b")).message).toContain(inRoot("gone"));
    expect((await call("a", "a/b")).code).toBe("not_a_directory");
    expect((await call("a", "a")).code).toBe("exists");
    expect((await call("a", "a", { overwrite: true })).code).toBe("exists");
    expect(await textOf("a")).toBe("");
  });

  test.each(both)(
    "%s asks about places whose files run by themselves, and refuses folders with such places in them",
    async (_name, call) => {
      context.home = context.root;
      await makeTree();
      await writeFile(inRoot("a"), "evil");
      for (const to of [".bashrc", "bin", "tree/.envrc"])
        expect([to, (await call("a", to)).code]).toEqual([to, "approval_required"]);
      expect((await call("tree", "Library")).code).toBe("not_allowed");
      expect((await call("tree", "go")).code).toBe("not_allowed");
      expect((await call("tree", ".config")).code).toBe("approval_required");
    },
  );

  test.each(both)(
    "of many calls to one place at once, one of %s wins and nothing is lost",
    async (_name, call) => {
      for (let n = 0; n < 8; n += 1) await writeFile(inRoot(`a${n}`), `text ${n}`);
      const results = await Promise.all(Array.from({ length: 8 }, (_, n) => call(`a${n}`, "b")));
      const won = results.findIndex(({ ok }) => ok);
      expect(results.filter(({ ok }) => ok)).toHaveLength(1);
      expect(await textOf("b")).toBe(`text ${won}`);
      for (let n = 0; n < 8; n += 1) if (n !== won) expect(await textOf(`a${n}`)).toBe(`text ${n}`);
      expect((await readdir(context.root)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    },
  );

  test.each(both)("%s does nothing when the call is cancelled", async (_name, call) => {
    await writeFile(inRoot("a"), "text");
    context.abort();
    expect((await call("a", "b")).code).toBe("cancelled");
    expect((await readdir(context.root)).toSorted()).toEqual(["a", "secret"]);
  });
});

describe("move_file", () => {
  test("renames a file, a folder, a FIFO and a link itself", async () => {
    await makeTree();
    await writeFile(inRoot("a"), "text");
    const { ino } = await stat(inRoot("a"));
    await symlink("/etc/passwd", inRoot("l"));
    execFileSync("mkfifo", [inRoot("f")]);
    expect((await move("a", "tree/b")).data).toEqual({
      path: inRoot("a"),
      moved_to: inRoot("tree/b"),
      type: "file",
      replaced: false,
    });
    expect((await stat(inRoot("tree/b"))).ino).toBe(ino);
    expect((await move("tree", "wood")).data).toMatchObject({ type: "directory" });
    expect(await listing("wood")).toEqual(["b", ...ALL]);
    expect((await move("l", "l2")).data).toMatchObject({ type: "symlink" });
    expect(await readlink(inRoot("l2"))).toBe("/etc/passwd");
    expect((await move("f", "f2")).data).toMatchObject({ type: "fifo" });
  });

  test("other spellings of a name are other names where the volume tells them apart, also with other accents", async () => {
    await writeFile(inRoot("readme"), "small");
    expect((await move("readme", "README")).ok).toBe(true);
    expect(await readdir(context.root)).toContain("README");
    await writeFile(inRoot("hard"), "x");
    await link(inRoot("hard"), inRoot("HARD"));
    expect((await move("hard", "HARD", { overwrite: true })).code).toBe("exists");
  });

  test("G27 what contains a root, a hidden or a protected folder stays", async () => {
    await mkdir(inRoot("holds/private"), { recursive: true });
    context.hidden = [inRoot("holds/private")];
    context.protected = [inRoot("secret/key")];
    for (const from of ["holds", "secret", "secret/key"])
      expect([from, (await move(from, "b")).code]).toEqual([from, "not_allowed"]);
  });

  test("nothing is replaced that is no plain file or that may not be written", async () => {
    await writeFile(inRoot("a"), "new");
    await symlink("secret/key", inRoot("link"));
    await writeFile(inRoot("one"), "x");
    await link(inRoot("one"), inRoot("two"));
    expect((await move("a", "link", { overwrite: true })).code).toBe("not_a_file");
    expect((await move("a", "one", { overwrite: true })).code).toBe("not_allowed");
    expect(await textOf("a")).toBe("new");
  });
});

describe("move_file to another volume", () => {
  let far: string;
  let disk: SmallDisk | undefined;
  beforeEach(async () => {
    far = inRoot("far");
    await mkdir(far);
    disk = noSmallDisk === undefined ? new SmallDisk(far, 8) : undefined;
  });
  afterEach(() => disk?.remove());

  testUnless(noSmallDisk)("a file arrives with mode and time and is gone where it was", async () => {
    await writeFile(inRoot("a"), "x".repeat(2_500_000));
    await chmod(inRoot("a"), 0o640);
    await utimes(inRoot("a"), 1_000, 2_000);
    expect((await move("a", join(far, "b"))).data).toMatchObject({ across_volumes: true, type: "file" });
    const { size, mode, mtimeMs } = await stat(join(far, "b"));
    expect([size, mode & 0o777, mtimeMs]).toEqual([2_500_000, 0o640, 2_000_000]);
    expect((await readdir(context.root)).toSorted()).toEqual(["far", "secret"]);
    await writeFile(inRoot("c"), "other");
    expect((await move("c", join(far, "b"))).code).toBe("exists");
    expect((await move("c", join(far, "b"), { overwrite: true })).data).toMatchObject({ replaced: true });
    expect(await readFile(join(far, "b"), "utf8")).toBe("other");
  });

  testUnless(noSmallDisk)(
    "a folder arrives whole, with a link and read-only folders, and is gone where it was",
    async () => {
      await makeTree();
      expect((await move("tree", join(far, "tree"))).data).toMatchObject({
        across_volumes: true,
        type: "directory",
      });
      expect((await readdir(join(far, "tree"), { recursive: true })).toSorted()).toEqual(ALL);
      expect((await stat(join(far, "tree/deep/er"))).mode & 0o777).toBe(0o555);
      expect(await readlink(join(far, "tree/deep/link"))).toBe("../größe.txt");
      expect((await readdir(context.root)).toSorted()).toEqual(["far", "secret"]);
      expect((await move("secret", join(far, "s"))).code).toBe("not_allowed");
    },
  );

  testUnless(noSmallDisk)(
    "a folder with something that cannot be copied stays, and nothing of it arrives",
    async () => {
      await makeTree();
      execFileSync("mkfifo", [inRoot("tree/deep/fifo")]);
      const result = await move("tree", join(far, "tree"));
      expect([result.code, result.message]).toEqual(["other_volume", expect.stringContaining("deep/fifo")]);
      expect(await readdir(far)).toEqual([]);
      expect(await listing("tree")).toEqual([...ALL, "deep/fifo"].toSorted());
    },
  );

  testUnless(noSmallDisk)("a link goes, and its target stays", async () => {
    await writeFile(inRoot("a"), "text");
    await symlink("a", inRoot("l"));
    expect((await move("l", join(far, "l"))).ok).toBe(true);
    expect(await readlink(join(far, "l"))).toBe("a");
    expect((await readdir(context.root)).toSorted()).toEqual(["a", "far", "secret"]);
  });

  testUnless(noSmallDisk)("when it is full, all stays where it was and nothing of it arrives", async () => {
    await makeTree();
    await writeFile(inRoot("tree/large"), "x".repeat(9_000_000));
    await writeFile(inRoot("a"), "x".repeat(9_000_000));
    for (const from of ["tree", "a"]) {
      expect((await move(from, "far/x")).code).toBe("no_space");
      expect((await copy(from, "far/x")).code).toBe("no_space");
    }
    expect(await readdir(far)).toEqual([]);
    expect(await listing("tree")).toEqual([...ALL, "large"].toSorted());
    expect((await stat(inRoot("a"))).size).toBe(9_000_000);
  });
});

describe("copy_file", () => {
  test("keeps mode and times, without setuid, and follows a link that names the file", async () => {
    await writeFile(inRoot("a"), "x".repeat(2_500_000));
    await chmod(inRoot("a"), 0o4755);
    await utimes(inRoot("a"), 1_000, 2_000);
    await symlink("a", inRoot("l"));
    expect((await copy("l", "b")).data).toMatchObject({
      path: inRoot("a"),
      copied_to: inRoot("b"),
      type: "file",
      bytes: 2_500_000,
    });
    const { size, mode, mtimeMs } = await lstat(inRoot("b"));
    expect([size, mode & 0o7777, mtimeMs]).toEqual([2_500_000, 0o755, 2_000_000]);
    expect((await readFile(inRoot("b"))).equals(await readFile(inRoot("a")))).toBe(true);
  });

  test("copies a folder with modes, times and links, and counts", async () => {
    await makeTree();
    expect((await copy("tree", "wood")).data).toMatchObject({
      type: "directory",
      files: 2,
      folders: 2,
      links: 1,
      bytes: 13,
      left_out: [],
      left_out_count: 0,
    });
    expect(await listing("wood")).toEqual(ALL);
    expect(await listing("tree")).toEqual(ALL);
    expect((await stat(inRoot("wood/deep/run.sh"))).mode & 0o777).toBe(0o750);
    expect((await stat(inRoot("wood/deep/er"))).mode & 0o777).toBe(0o555);
    expect((await stat(inRoot("wood/deep"))).mtimeMs).toBe(2_000_000);
    expect((await lstat(inRoot("wood/deep/link"))).isSymbolicLink()).toBe(true);
  });

  test("G27 hard links, FIFOs and hidden folders are left out of a folder, and said to be", async () => {
    await makeTree();
    context.hidden = [...context.hidden, inRoot("tree/private")];
    await mkdir(inRoot("tree/private"));
    await writeFile(inRoot("tree/private/key"), "secret");
    await link(inRoot("secret/key"), inRoot("tree/hard"));
    execFileSync("mkfifo", [inRoot("tree/fifo")]);
    const { data } = await copy("tree", "wood");
    expect(data.left_out).toEqual([
      { path: "fifo", why: "is a fifo" },
      { path: "hard", why: expect.stringContaining("hard links") },
    ]);
    expect(await listing("wood")).toEqual(ALL);
  });

  test("a folder that cannot be copied in time is not there at all", async () => {
    await makeTree();
    context.deadlineAt = Date.now() + 1_000;
    expect((await copy("tree", "wood")).code).toBe("too_large");
    expect((await readdir(context.root)).toSorted()).toEqual(["secret", "tree"]);
  });

  test("arguments out of bounds are refused", async () => {
    for (const args of [{ to: "" }, { to: "x".repeat(4_097) }, { overwrite: "yes" }, { recursive: true }])
      await expect(copy("a", "b", args)).rejects.toThrow();
  });
});
