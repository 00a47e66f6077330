// git_status: branch and changed files of a repository. Nothing that the repository configures is run.
import { z } from "zod";
import type { ToolContext } from "../../../contracts/tools.ts";
import { fileResult } from "../../../lib/files/file-problem.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { ToolFailure } from "../../../lib/tools/tool-failure.ts";
import { pathArgument } from "../files/workspace/arguments.ts";
import { type GitStatus, parseStatus, wholeEntries } from "./git/parse-status.ts";
import { openRepository, type Repository } from "./git/run-git.ts";
import { underWay } from "./git/under-way.ts";

export default defineTool({
  name: "git_status",
  description:
    "The state of a git repository: branch, commit, upstream (and whether it is gone), what is under way (a merge, a rebase …), and the files that are staged, changed, in conflict or untracked. ahead and behind are null where there is nothing to compare. Changes inside submodules are left out.",
  category: "developer",
  risk: "read",
  runsOn: "node",
  idempotent: true,
  timeoutMs: 60_000,
  parameters: z.strictObject({
    repository: pathArgument("The repository, or a folder in it"),
    limit: z.int().min(1).max(2_000).default(200).describe("Files at most"),
  }),
  execute: ({ repository, limit }, context) =>
    fileResult(repository, () => statusOf(context, repository, limit)),
});

async function statusOf(context: ToolContext, path: string, limit: number) {
  const { folder, gitFolder, git } = await openRepository(context, path);
  // Looking into a submodule would run git there, with that repository's own settings.
  const result = await git([
    "status",
    "--porcelain=v2",
    "--branch",
    "--show-stash",
    "--untracked-files=normal",
    "--ignore-submodules=dirty",
    "-z",
  ]);
  if (result.exit_code !== 0)
    throw new ToolFailure("git_failed", result.stderr.trim().slice(0, 1_000) || "git status failed.");
  const { files, ...status } = parseStatus(result.truncated ? wholeEntries(result.stdout) : result.stdout);
  return {
    repository: folder,
    ...status,
    upstream_gone: await isGone(status, git),
    under_way: await underWay(gitFolder),
    clean: files.length === 0,
    files: files.slice(0, limit),
    files_left_out: Math.max(0, files.length - limit),
    // More was printed than is kept: even more files are left out than that.
    ...(result.truncated ? { truncated: true } : {}),
  };
}

/** Whether the branch follows one that is not there any more. Before its first commit git compares nothing either. */
async function isGone({ upstream, ahead }: Pick<GitStatus, "upstream" | "ahead">, git: Repository["git"]) {
  if (upstream === null || ahead !== null) return false;
  const names = [`refs/remotes/${upstream}`, `refs/heads/${upstream}`];
  const { exit_code, stdout } = await git([
    "for-each-ref",
    "--count=1",
    "--format=%(refname)",
    "--",
    ...names,
  ]);
  return exit_code === 0 && stdout.trim() === "";
}
