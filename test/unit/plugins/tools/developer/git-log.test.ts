// git_log on real repositories; those that try to run something say so by a file.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { ToolResult } from "../../../../../contracts/tools.ts";
import { type Commit, parseLog } from "../../../../../plugins/tools/developer/git/read-log.ts";
import gitLog from "../../../../../plugins/tools/developer/git-log.ts";
import { type TestRepository, testRepository } from "./test-repository.ts";

let repository: TestRepository;
beforeEach(async () => {
  repository = await testRepository();
});
afterEach(() => repository.remove());

const log = (args: Record<string, unknown> = {}): Promise<ToolResult> =>
  gitLog.execute(gitLog.parameters.parse({ repository: "project", ...args }), repository.context);
const commits = async (args?: Record<string, unknown>) =>
  ((await log(args)).data as { commits: Commit[] }).commits;
const commit = (message: string) =>
  repository.git(["commit", "--allow-empty", "--cleanup=verbatim", "-m", message]);

describe("git_log", () => {
  test("tells commits with author, dates and refs, newest first", async () => {
    repository.git(["tag", "v1"]);
    commit("second\n\nWhy: because.\n\nMore é 日本.\n");
    const hashes = repository.git(["rev-parse", "HEAD", "HEAD~1"]).trim().split("\n");
    expect(await log()).toEqual({
      ok: true,
      data: {
        repository: repository.folder,
        more: false,
        commits: [
          expect.objectContaining({
            hash: hashes[0],
            parents: [hashes[1]],
            refs: ["HEAD -> main"],
            subject: "second",
            body: "Why: because.\n\nMore é 日本.",
          }),
          {
            hash: hashes[1],
            parents: [],
            author: { name: "Ada", email: "ada@example.com" },
            authored_at: "2026-01-02T03:04:05+02:00",
            committed_at: expect.stringMatching(/^2026-01-02T03:04:06(Z|\+00:00)$/),
            refs: ["tag: v1"],
            subject: "first",
            body: "",
          },
        ],
      },
    });
  });

  test("gives no more than asked for and says that there are more", async () => {
    for (const n of [2, 3]) commit(`commit ${n}`);
    expect(await log({ limit: 2 })).toMatchObject({
      data: { commits: [{ subject: "commit 3" }, { subject: "commit 2" }], more: true },
    });
    expect(await log({ limit: 3 })).toMatchObject({ data: { more: false } });
  });

  test("a merge has its parents, and a detached head its commits", async () => {
    repository.git(["checkout", "-b", "side"]);
    commit("side");
    repository.git(["checkout", "main"]);
    commit("main");
    repository.git(["merge", "side", "-m", "merge"]);
    expect((await commits({ limit: 1 }))[0]?.parents).toHaveLength(2);
    repository.git(["checkout", "--detach", "side"]);
    expect((await commits())[0]?.subject).toBe("side");
  });

  test("before the first commit there are none", async () => {
    repository.git(["checkout", "--orphan", "empty"]);
    expect(await log()).toMatchObject({ ok: true, data: { commits: [], more: false } });
  });

  test("messages of any text and length are told, long ones by their head", async () => {
    commit(`\x1b[31mred\x1b[0m "quoted" \u202egnp.exe\n\n${"long ".repeat(2_000)}`);
    const [{ subject, body } = { subject: "", body: "" }] = await commits();
    expect(subject).toBe('\x1b[31mred\x1b[0m "quoted" \u202egnp.exe');
    expect(body.length).toBeLessThanOrEqual(2_000);
    expect(body.startsWith("long long")).toBe(true);
  });

  test("of more than a stream keeps whole commits are told, and that there are more", async () => {
    for (let n = 0; n < 5; n += 1) {
      const path = join(repository.outside, "message");
      await writeFile(path, `big ${n}\n\n${"x".repeat(400_000)}`);
      repository.git(["commit", "--allow-empty", "-F", path]);
    }
    const { data } = (await log()) as { data: { commits: Commit[]; more: boolean } };
    expect(data.more).toBe(true);
    expect(data.commits.length).toBeGreaterThan(0);
    for (const { hash, subject } of data.commits)
      expect([hash, subject]).toEqual([
        expect.stringMatching(/^[0-9a-f]{40}$/),
        expect.stringMatching(/^big \d$/),
      ]);
  });

  test("a commit that was cut is left out", () => {
    const fields = ["h", "p q", "n", "e", "a", "c", "HEAD -> main, tag: v1", "s\n\nb"];
    const one = fields.map((field) => `${field}\0`).join("");
    expect(parseLog(one)).toMatchObject([
      { hash: "h", parents: ["p", "q"], refs: ["HEAD -> main", "tag: v1"], subject: "s", body: "b" },
    ]);
    expect(parseLog(`${one}h2\0p2\0`)).toHaveLength(1);
    expect(parseLog("")).toEqual([]);
  });

  test("refuses what does not fit", () => {
    for (const args of [
      {},
      { repository: "" },
      { repository: ".", limit: 0 },
      { repository: ".", limit: 501 },
      { repository: ".", path: "x" },
    ])
      expect(gitLog.parameters.safeParse(args).success).toBe(false);
  });
});

describe("git_log of a repository that means harm", () => {
  test.each([
    [
      "an alias and a pager",
      (program: string) =>
        `[alias]\nlog = !${program}\n[core]\npager = ${program}\n[pager]\nlog = ${program}`,
    ],
    [
      "a program that checks signatures",
      (program: string) =>
        `[log]\nshowSignature = true\n[gpg]\nprogram = ${program}\n[gpg "ssh"]\nprogram = ${program}`,
    ],
    [
      "an external diff",
      (program: string) =>
        `[log]\ndiffMerges = on\n[diff]\nexternal = ${program}\n[diff "evil"]\ntextconv = ${program}`,
    ],
    ["fsmonitor and hooks", (program: string) => `[core]\nfsmonitor = ${program}\nhooksPath = .`],
  ])("G26 %s is not run", async (_name, config) => {
    const { program, sprung } = await repository.trap();
    await repository.file(".gitattributes", "* diff=evil\n");
    await repository.configure(config(program));
    expect((await log()).ok).toBe(true);
    expect(sprung()).toBe(false);
  });

  test("a format or a mailmap that it names changes nothing", async () => {
    await writeFile(join(repository.outside, "map"), "Mallory <mallory@example.com> <ada@example.com>\n");
    await repository.configure(
      `[format]\npretty = SECRET\n[log]\nmailmap = true\ndate = relative\nabbrevCommit = true\n[mailmap]\nfile = ${repository.outside}/map\n[i18n]\nlogOutputEncoding = UTF-16`,
    );
    expect(await commits()).toMatchObject([
      { author: { name: "Ada" }, authored_at: "2026-01-02T03:04:05+02:00", subject: "first" },
    ]);
  });

  test("G27 one outside of the roots, or whose git folder lies elsewhere, is refused", async () => {
    expect(await log({ repository: repository.outside })).toMatchObject({ error: { code: "not_allowed" } });
    await repository.configure(`[core]\nworktree = ${repository.outside}`);
    expect(await log()).toMatchObject({ error: { code: "not_allowed" } });
  });

  test("on a Mac without Apple's tools it is git that is missing, not the repository", async () => {
    repository.context.run = async () => ({
      exit_code: 1,
      signal: null,
      stdout: "",
      stderr: "xcode-select: note: No developer tools were found, requesting install.\n",
      truncated: false,
      timed_out: false,
    });
    await expect(log()).rejects.toMatchObject({
      code: "git_missing",
      message: expect.stringContaining("xcode-select --install"),
    });
  });
});
