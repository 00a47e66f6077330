// git_status: branch and changed files of a repository. Nothing that the repository configures is run.
import { z } from "zod";
import type { ToolContext } from "../../../contracts/tools.ts";
import { pathArgument } from "../../../lib/files/arguments.ts";
import { fileResult } from "../../../lib/files/file-problem.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { ToolFailure } from "../../../lib/tools/tool-failure.ts";
import { parseStatus, wholeEntries } from "./git/parse-status.ts";
import { openRepository } from "./git/run-git.ts";

export default defineTool({
  name: "git_status",
  description:
    "The state of a git repository: branch, commit, upstream, and the files that are staged, changed, in conflict or untracked. Changes inside submodules are left out.",
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
  const { folder, git } = await openRepository(context, path);
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
    clean: files.length === 0,
    files: files.slice(0, limit),
    files_left_out: Math.max(0, files.length - limit),
    // More was printed than is kept: even more files are left out than that.
    ...(result.truncated ? { truncated: true } : {}),
  };
}
