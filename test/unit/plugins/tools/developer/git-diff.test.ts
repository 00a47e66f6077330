// git_diff on real repositories; those that try to run something say so by a file.
import { link, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { ToolResult } from "../../../../../contracts/tools.ts";
import { parseNumstat } from "../../../../../plugins/tools/developer/git/parse-numstat.ts";
import type { Changes } from "../../../../../plugins/tools/developer/git/read-diff.ts";
import gitDiff from "../../../../../plugins/tools/developer/git-diff.ts";
import { type TestRepository, testRepository } from "./test-repository.ts";

let repository: TestRepository;
beforeEach(async () => {
  repository = await testRepository();
});
afterEach(() => repository.remove());

type Diff = { clean: boolean; staged: Changes; unstaged: Changes };
const diff = (args: Record<string, unknown> = {}): Promise<ToolResult> =>
  gitDiff.execute(gitDiff.parameters.parse({ repository: "project", ...args }), repository.context);
async function changes(args?: Record<string, unknown>): Promise<Diff> {
  const { ok, data, error } = await diff(args);
  expect({ ok, error }).toEqual({ ok: true, error: undefined });
  return data as Diff;
}
const nothing = { files: [], files_left_out: 0, patch: "", patch_truncated: false };

describe("git_diff", () => {
  test("a clean repository has no changes, and untracked files are none", async () => {
    await repository.file("untracked");
    expect((await diff()).data).toEqual({
      repository: repository.folder,
      clean: true,
      staged: nothing,
      unstaged: nothing,
    });
  });

  test("tells what is staged apart from what is not, with the patches", async () => {
    await repository.file("changed", "staged\n");
    repository.git(["add", "changed"]);
    await repository.file("changed", "staged\nand more\n");
    await rm(join(repository.folder, "gone"));
    const { clean, staged, unstaged } = await changes();
    expect(clean).toBe(false);
    expect(staged.files).toEqual([{ path: "changed", added: 1, deleted: 1 }]);
    expect(staged.patch).toContain("diff --git a/changed b/changed\n");
    expect(staged.patch).toContain("-changed\n+staged\n");
    expect(unstaged.files).toEqual([
      { path: "changed", added: 1, deleted: 0 },
      { path: "gone", added: 0, deleted: 1 },
    ]);
    expect(unstaged.patch).toContain("+and more\n");
    expect(unstaged.patch).toContain("deleted file mode");
  });

  test("a renamed file has its old name, a binary one no lines, and names of all kinds are as they are", async () => {
    repository.git(["mv", "kept", 'new "name" é\n.txt']);
    await repository.file("binary", "\0\x01\x02");
    await repository.file("-dash");
    await repository.file(":(top)magic");
    repository.git(["add", "."]);
    const { files, patch } = (await changes()).staged;
    expect(files.toSorted((one, other) => (one.path < other.path ? -1 : 1))).toEqual([
      { path: "-dash", added: 1, deleted: 0 },
      { path: ":(top)magic", added: 1, deleted: 0 },
      { path: "binary", added: null, deleted: null },
      { path: 'new "name" é\n.txt', original_path: "kept", added: 0, deleted: 0 },
    ]);
    for (const words of ["rename from kept", "Binary files", "b/-dash", "b/:(top)magic"])
      expect(patch).toContain(words);
  });

  test("gives no more files than asked for, in the patch neither, and says how many are missing", async () => {
    for (let n = 0; n < 5; n += 1) await repository.file(`new-${n}`);
    repository.git(["add", "."]);
    const { staged } = await changes({ limit: 2 });
    expect(staged).toMatchObject({ files: [{ path: "new-0" }, { path: "new-1" }], files_left_out: 3 });
    expect(staged.patch).toContain("new-1");
    expect(staged.patch).not.toContain("new-2");
  });

  test("of a long patch the head is given, also of one that is longer than a stream keeps", async () => {
    for (const lines of [20_000, 200_000]) {
      await repository.file("changed", "another line\n".repeat(lines));
      const { unstaged } = await changes();
      expect(unstaged).toMatchObject({ files: [{ added: lines, deleted: 1 }], patch_truncated: true });
      expect(unstaged.patch.length).toBeLessThanOrEqual(100_000);
      expect(unstaged.patch.startsWith("diff --git")).toBe(true);
    }
  });

  test("before the first commit all that is staged is new; conflicts are told", async () => {
    repository.git(["checkout", "--orphan", "empty"]);
    expect((await changes()).staged.files).toHaveLength(3);
    repository.git(["checkout", "-f", "main"]);
    repository.git(["checkout", "-b", "other"]);
    await repository.file("changed", "theirs\n");
    repository.git(["commit", "-am", "theirs"]);
    repository.git(["checkout", "main"]);
    await repository.file("changed", "ours\n");
    repository.git(["commit", "-am", "ours"]);
    expect(() => repository.git(["merge", "other"])).toThrow();
    const { unstaged } = await changes();
    expect(unstaged.files).toEqual([{ path: "changed", added: 4, deleted: 0 }]);
    expect(unstaged.patch).toContain("<<<<<<<");
  });

  test("a folder in it shows the whole repository", async () => {
    await mkdir(join(repository.folder, "sub"));
    await repository.file("changed", "x\n");
    await repository.configure("[diff]\nrelative = true");
    expect((await changes({ repository: "project/sub" })).unstaged.files).toMatchObject([
      { path: "changed" },
    ]);
  });

  test("output of git that is none is no file", () => {
    expect(parseNumstat("1\t2\tname\0-\t-\t\0old\0new\0garbage\0")).toEqual([
      { path: "name", added: 1, deleted: 2 },
      { path: "new", original_path: "old", added: null, deleted: null },
    ]);
    expect(parseNumstat("1\t2\t\0old")).toEqual([]);
  });

  test("refuses what does not fit", () => {
    for (const args of [
      {},
      { repository: ".", limit: 0 },
      { repository: ".", limit: 501 },
      { repository: ".", ref: "HEAD" },
    ])
      expect(gitDiff.parameters.safeParse(args).success).toBe(false);
  });
});

describe("git_diff of a repository that means harm", () => {
  test.each([
    ["fsmonitor", (program: string) => `[core]\nfsmonitor = ${program}`],
    [
      "a filter",
      (program: string) => `[filter "evil"]\nclean = ${program}\nprocess = ${program}\nrequired = true`,
    ],
    ["an external diff", (program: string) => `[diff]\nexternal = ${program}`],
    ["a diff driver", (program: string) => `[diff "evil"]\ncommand = ${program}`],
    [
      "a program that makes text of files",
      (program: string) => `[diff "evil"]\ntextconv = ${program}\ncachetextconv = true`,
    ],
    [
      "a pager and an alias",
      (program: string) =>
        `[core]\npager = ${program}\n[pager]\ndiff = ${program}\n[alias]\ndiff = !${program}\n[interactive]\ndiffFilter = ${program}`,
    ],
  ])("G26 %s is not run", async (_name, config) => {
    const { program, sprung } = await repository.trap();
    await repository.file(".gitattributes", "* filter=evil diff=evil\n");
    await repository.file("changed", "chAnged\n");
    repository.git(["add", "changed"]);
    await repository.configure(config(program));
    await repository.file("changed", "chAnged again\n");
    const { staged, unstaged } = await changes();
    expect([staged.files.length, unstaged.files.length]).toEqual([1, 1]);
    expect(sprung()).toBe(false);
  });

  test("G26 the trap of these tests does spring without our settings", async () => {
    const { program, sprung } = await repository.trap();
    await repository.configure(`[diff]\nexternal = ${program}`);
    await repository.file("changed", "chAnged\n");
    repository.git(["diff"]);
    expect(sprung()).toBe(true);
  });

  test("how a diff looks is not for the repository to say", async () => {
    await repository.configure(
      "[diff]\nnoprefix = true\nmnemonicPrefix = true\ncontext = 100\nrenames = false\norderFile = nowhere\nwordRegex = .\n[color]\nui = always\ndiff = always",
    );
    repository.git(["mv", "kept", "moved"]);
    await repository.file("changed", "x\n");
    const { staged, unstaged } = await changes();
    expect(staged.files).toMatchObject([{ path: "moved", original_path: "kept" }]);
    expect(unstaged.patch).toContain("diff --git a/changed b/changed\n");
    expect(unstaged.patch).not.toContain("\x1b");
  });

  test("G26 what a submodule configures is not run", async () => {
    const { program, sprung } = await repository.trap();
    repository.git(["clone", ".", "part"]);
    await writeFile(
      join(repository.folder, "part/.git/config"),
      `[core]\nbare = false\nfsmonitor = ${program}\n[filter "other"]\nclean = ${program}\n`,
    );
    repository.git(["add", "part"]);
    repository.git(["commit", "-m", "part"]);
    await rm(join(repository.outside, "sprung"), { force: true });
    await writeFile(join(repository.folder, "part/kept"), "else\n");
    await changes();
    expect(sprung()).toBe(false);
  });

  test("G27 no content of a hidden file is shown, by its name or by another one", async () => {
    const { context, folder } = repository;
    await mkdir(join(folder, "private"));
    for (const name of ["private/key", "other"]) await repository.file(name, "old\n");
    repository.git(["add", "."]);
    repository.git(["commit", "-m", "with a key"]);
    await repository.file("private/key", "SECRET\n");
    await repository.file("changed", "x\n");
    await rm(join(folder, "other"));
    await link(join(folder, "private/key"), join(folder, "other"));
    context.hidden = [...context.hidden, join(folder, "private"), join(folder, "private/key")];
    const { unstaged } = await changes();
    expect(unstaged).toMatchObject({ files: [{ path: "changed" }], files_left_out: 2 });
    expect(JSON.stringify(unstaged)).not.toContain("SECRET");
  });

  test("G27 of a link its target is shown and not what lies there", async () => {
    await writeFile(join(repository.outside, "private"), "SECRET\n");
    await rm(join(repository.folder, "changed"));
    await symlink(join(repository.outside, "private"), join(repository.folder, "changed"));
    expect(JSON.stringify(await changes())).not.toContain("SECRET");
    await rm(join(repository.folder, "changed"));
    expect(await diff({ repository: repository.outside })).toMatchObject({ error: { code: "not_allowed" } });
  });

  test("a pattern that is none fails in git's words", async () => {
    await repository.file(".gitattributes", "* diff=evil\n");
    await repository.configure('[diff "evil"]\nxfuncname = "("');
    await repository.file("changed", "x\n");
    await expect(diff()).rejects.toMatchObject({ code: "git_failed" });
  });
});
