// Real repositories and real git; those that try to run something say so by a file.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { appendFile, chmod, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { ToolResult } from "../../../../../contracts/tools.ts";
import { ToolFailure } from "../../../../../lib/tools/tool-failure.ts";
import gitStatus from "../../../../../plugins/tools/developer/git-status.ts";
import { notAsRoot, testUnless } from "../../../../support/unless.ts";
import { type DeveloperContext, developerContext } from "./developer-context.ts";

let context: DeveloperContext;
let repository = "";
let outside = "";

function git(...args: string[]): string {
  const author = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "init.defaultBranch=main"];
  return execFileSync("git", [...author, "-c", "protocol.file.allow=always", ...args], {
    cwd: repository,
    encoding: "utf8",
    env: { PATH: process.env.PATH, HOME: outside, GIT_CONFIG_NOSYSTEM: "1" },
    stdio: ["ignore", "pipe", "ignore"],
  });
}
const file = (name: string, text = `${name}\n`) => writeFile(join(repository, name), text);

beforeEach(async () => {
  context = await developerContext();
  outside = await mkdtemp(join(tmpdir(), "macjarvis-outside-"));
  repository = join(context.root, "project");
  await mkdir(repository);
  git("init");
  for (const name of ["kept", "changed", "staged", "moved", "gone"]) await file(name);
  git("add", ".");
  git("commit", "-m", "first");
});
afterEach(async () => {
  await context.remove();
  await rm(outside, { recursive: true, force: true });
});

const status = (args: Record<string, unknown> = {}): Promise<ToolResult> =>
  gitStatus.execute(gitStatus.parameters.parse({ repository: "project", ...args }), context);

describe("git_status", () => {
  test("a clean repository is clean", async () => {
    expect(await status()).toEqual({
      ok: true,
      data: {
        repository,
        branch: "main",
        commit: git("rev-parse", "HEAD").trim(),
        upstream: null,
        upstream_gone: false,
        under_way: null,
        ahead: null,
        behind: null,
        stashes: 0,
        clean: true,
        files: [],
        files_left_out: 0,
      },
    });
  });

  test("tells what is changed, staged, renamed, removed and untracked", async () => {
    await file("changed", "other\n");
    await file("staged", "other\n");
    git("add", "staged");
    await file("staged", "once more\n");
    git("mv", "moved", "new name é\n.txt");
    await rm(join(repository, "gone"));
    await file("untracked file");
    const { data } = await status();
    const { files, clean } = data as { files: { path: string }[]; clean: boolean };
    expect(clean).toBe(false);
    expect(files.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
      { path: "changed", state: "changed", staged: null, unstaged: "modified" },
      { path: "gone", state: "changed", staged: null, unstaged: "deleted" },
      {
        path: "new name é\n.txt",
        original_path: "moved",
        state: "renamed",
        staged: "renamed",
        unstaged: null,
      },
      { path: "staged", state: "changed", staged: "modified", unstaged: "modified" },
      { path: "untracked file", state: "untracked", staged: null, unstaged: null },
    ]);
  });

  test("tells of conflicts", async () => {
    git("checkout", "-b", "other");
    await file("changed", "theirs\n");
    git("commit", "-am", "theirs");
    git("checkout", "main");
    await file("changed", "ours\n");
    git("commit", "-am", "ours");
    expect(() => git("merge", "other")).toThrow();
    expect((await status()).data).toMatchObject({
      files: [{ path: "changed", state: "unmerged", staged: "unmerged", unstaged: "unmerged" }],
    });
  });

  test("tells upstream, how far apart they are, stashes and a detached head", async () => {
    git("clone", ".", "../copy");
    repository = join(context.root, "copy");
    await file("more");
    git("add", ".");
    git("commit", "-m", "second");
    await file("kept", "stashed\n");
    git("stash");
    expect((await status({ repository: "copy" })).data).toMatchObject({
      upstream: "origin/main",
      ahead: 1,
      behind: 0,
      stashes: 1,
    });
    git("checkout", "--detach");
    expect((await status({ repository: "copy" })).data).toMatchObject({ branch: null });
  });

  test("a repository without a commit and a folder in a repository have a status", async () => {
    await mkdir(join(repository, "empty"));
    expect((await status({ repository: "project/empty" })).data).toMatchObject({ repository });
    repository = join(repository, "empty");
    git("init");
    expect((await status({ repository: "project/empty" })).data).toMatchObject({
      commit: null,
      branch: "main",
    });
  });

  test("gives no more files than asked for and says how many are missing", async () => {
    for (let n = 0; n < 5; n += 1) await file(`new-${n}`);
    expect((await status({ limit: 2 })).data).toMatchObject({
      files: [{ path: "new-0" }, { path: "new-1" }],
      files_left_out: 3,
    });
  });

  test("of more files than a stream keeps the whole entries of its head are told", async () => {
    const name = (n: number) => `${String(n).padStart(5, "0")}${"x".repeat(240)}`;
    for (let n = 0; n < 4_600; n += 1) await writeFile(join(repository, name(n)), "");
    const { data } = (await status({ limit: 2_000 })) as { data: { files: { path: string }[] } };
    expect(data).toMatchObject({ truncated: true, clean: false });
    expect(data.files.length).toBeGreaterThan(1_900);
    for (const { path } of data.files) expect(path).toMatch(/^\d{5}x{240}$/);
  });

  describe("of a clone", () => {
    const copy = () => status({ repository: "copy" });
    beforeEach(async () => {
      git("clone", ".", "../copy");
      repository = join(context.root, "copy");
      await file("more");
      git("add", ".");
      git("commit", "-m", "ahead");
    });

    test("an upstream that is gone is said to be, without numbers", async () => {
      expect((await copy()).data).toMatchObject({ ahead: 1, behind: 0, upstream_gone: false });
      git("update-ref", "-d", "refs/remotes/origin/main");
      expect((await copy()).data).toMatchObject({
        upstream: "origin/main",
        upstream_gone: true,
        ahead: null,
        behind: null,
      });
    });

    test("an upstream that is a branch here, or one that nobody ever had, is told apart", async () => {
      git("checkout", "-b", "topic");
      git("branch", "--set-upstream-to=main");
      expect((await copy()).data).toMatchObject({
        upstream: "main",
        upstream_gone: false,
        ahead: 0,
        behind: 0,
      });
      git("branch", "-D", "main");
      expect((await copy()).data).toMatchObject({ upstream: "main", upstream_gone: true, ahead: null });
    });

    test("before the first commit there is nothing to compare, and the upstream is not gone for that", async () => {
      git("checkout", "--orphan", "main2");
      git("config", "branch.main2.remote", "origin");
      git("config", "branch.main2.merge", "refs/heads/main");
      expect((await copy()).data).toMatchObject({
        commit: null,
        upstream: "origin/main",
        upstream_gone: false,
        ahead: null,
        behind: null,
      });
    });

    test("commits on both sides are counted", async () => {
      repository = join(context.root, "project");
      for (const name of ["theirs-1", "theirs-2"]) {
        await file(name);
        git("add", ".");
        git("commit", "-m", name);
      }
      repository = join(context.root, "copy");
      git("fetch");
      expect((await copy()).data).toMatchObject({ ahead: 1, behind: 2 });
    });
  });

  test("tells what is under way: a merge, a rebase, a cherry-pick, a revert, a bisection", async () => {
    const underWay = async () => ((await status()).data as { under_way: string | null }).under_way;
    git("checkout", "-b", "other");
    await file("changed", "theirs\n");
    git("commit", "-am", "theirs");
    git("checkout", "main");
    await file("changed", "ours\n");
    git("commit", "-am", "ours");
    for (const [what, begin, end] of [
      ["merge", ["merge", "other"], ["merge", "--abort"]],
      ["cherry-pick", ["cherry-pick", "other"], ["cherry-pick", "--abort"]],
      ["rebase", ["rebase", "other"], ["rebase", "--abort"]],
      ["revert", ["revert", "--no-edit", "HEAD~1"], ["revert", "--abort"]],
    ] as const) {
      expect(() => git(...begin)).toThrow();
      expect(await underWay()).toBe(what);
      git(...end);
      expect(await underWay()).toBeNull();
    }
    git("bisect", "start");
    expect(await underWay()).toBe("bisect");
  });

  test("a worktree, a submodule and a copied file are told as what they are", async () => {
    git("worktree", "add", "../tree", "-b", "side");
    expect((await status({ repository: "tree" })).data).toMatchObject({
      repository: join(context.root, "tree"),
      branch: "side",
      clean: true,
    });
    git("clone", ".", "part");
    git("add", "part");
    git("commit", "-m", "with a part");
    repository = join(repository, "part");
    await file("more");
    git("add", ".");
    git("commit", "-m", "inside");
    expect((await status()).data).toMatchObject({
      files: [{ path: "part", submodule: true, unstaged: "modified" }],
    });
  });

  test("names with quotes, line breaks and letters of all kinds are told as they are, also that of the repository", async () => {
    const names = ['"quoted"', "line\nbreak", "tab\t", "日本", "e\u0301", "-dash", " space ", "? mark"];
    for (const name of names) await file(name);
    await rename(repository, join(context.root, "line\nbreak\n"));
    const { data } = await status({ repository: "line\nbreak\n" });
    const { files, repository: folder } = data as { files: { path: string }[]; repository: string };
    expect(files.map(({ path }) => path).toSorted()).toEqual(names.toSorted());
    expect(folder).toBe(join(context.root, "line\nbreak\n"));
  });

  test("a bare repository, and the git folder of any, is said to have no working tree", async () => {
    git("clone", "--bare", ".", "../bare.git");
    for (const folder of ["bare.git", "project/.git"])
      await expect(status({ repository: folder })).rejects.toMatchObject({ code: "bare_repository" });
  });

  testUnless(notAsRoot)(
    "a repository of another user has a status, because nothing of it is run",
    async () => {
      execFileSync("chown", ["-R", "12345", repository]);
      expect((await status()).data).toMatchObject({ branch: "main", clean: true });
    },
  );

  test("a folder without a repository is said", async () => {
    await rm(join(repository, ".git"), { recursive: true });
    await expect(status()).rejects.toMatchObject({ code: "not_a_repository" });
  });

  test("where the sandbox cannot start it runs without", async () => {
    const { run } = context;
    context.run = async (argv, options) => {
      if (options?.sandbox) throw new ToolFailure("sandbox_unavailable", "none");
      return run(argv, options);
    };
    expect((await status()).ok).toBe(true);
  });
});

describe("git_status of a repository that means harm", () => {
  /** A program that shows that it was run. */
  async function trap(): Promise<{ program: string; sprung: () => boolean }> {
    const program = join(repository, "trap.sh");
    const mark = join(outside, "sprung");
    await writeFile(program, `#!/bin/sh\ntouch '${mark}'\ncat\n`);
    await chmod(program, 0o755);
    return { program, sprung: () => existsSync(mark) };
  }
  const configure = (text: string) => appendFile(join(repository, ".git", "config"), `\n${text}\n`);

  test.each([
    ["fsmonitor", (program: string) => `[core]\nfsmonitor = ${program}`],
    [
      "a filter",
      (program: string) => `[filter "evil"]\nclean = ${program}\nprocess = ${program}\nrequired = true`,
    ],
    ["a filter with = and dots in its name", (program: string) => `[filter "e=v.il"]\nclean = ${program}`],
    [
      "a pager and an alias",
      (program: string) =>
        `[core]\npager = ${program}\n[alias]\nstatus = !${program}\n[pager]\nstatus = ${program}`,
    ],
    [
      "an external diff",
      (program: string) =>
        `[diff]\nexternal = ${program}\n[diff "evil"]\ncommand = ${program}\ntextconv = ${program}`,
    ],
  ])("G26 %s is not run", async (_name, config) => {
    const { program, sprung } = await trap();
    await file(".gitattributes", "* filter=evil diff=evil\n");
    await configure(config(program));
    if (config(program).includes("e=v.il")) await file(".gitattributes", "* filter=e=v.il\n");
    await file("changed", "chAnged\n");
    expect((await status()).ok).toBe(true);
    expect(sprung()).toBe(false);
  });

  test("G26 the trap of these tests does spring without our settings", async () => {
    const { program, sprung } = await trap();
    await file(".gitattributes", "* filter=evil\n");
    await configure(`[filter "evil"]\nclean = ${program}`);
    await file("changed", "chAnged\n");
    git("status");
    expect(sprung()).toBe(true);
  });

  test("G26 hooks are not run and the index is left as it is", async () => {
    const { program, sprung } = await trap();
    await mkdir(join(repository, ".git", "hooks"), { recursive: true });
    for (const hook of ["post-index-change", "pre-auto-gc", "reference-transaction"])
      await writeFile(join(repository, ".git", "hooks", hook), `#!/bin/sh\nexec '${program}' </dev/null\n`, {
        mode: 0o755,
      });
    await file("kept");
    expect((await status()).ok).toBe(true);
    expect(sprung()).toBe(false);
  });

  test("G26 what a submodule configures is not run", async () => {
    const { program, sprung } = await trap();
    git("clone", ".", "part");
    await appendFile(join(repository, "part", ".git", "config"), `\n[filter "other"]\nclean = ${program}\n`);
    await writeFile(join(repository, "part", ".gitattributes"), "* filter=other\n");
    git("add", "part");
    await writeFile(join(repository, "part", "kept"), "else\n");
    expect((await status()).ok).toBe(true);
    expect(sprung()).toBe(false);
  });

  test("G27 one whose files lie elsewhere is refused", async () => {
    await writeFile(join(outside, "private"), "x");
    await configure(`[core]\nworktree = ${outside}`);
    expect(await status()).toMatchObject({ ok: false, error: { code: "not_allowed" } });
  });

  test("G27 one whose git folder lies elsewhere is refused", async () => {
    await rename(join(repository, ".git"), join(outside, "git"));
    await file(".git", `gitdir: ${outside}/git\n`);
    expect(await status()).toMatchObject({ ok: false, error: { code: "not_allowed" } });
  });

  test("G27 a repository outside of the roots is refused, and none is found above them", async () => {
    expect(await status({ repository: outside })).toMatchObject({ error: { code: "not_allowed" } });
    context.roots = [join(repository, "sub")];
    await mkdir(join(repository, "sub"));
    await expect(status({ repository: "." })).rejects.toMatchObject({ code: "not_a_repository" });
  });
});
