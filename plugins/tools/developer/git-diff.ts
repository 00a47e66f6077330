// git_diff: what is changed in a repository since its last commit. Nothing that the repository configures is run.
import { z } from "zod";
import { fileResult } from "../../../lib/files/file-problem.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { pathArgument } from "../files/workspace/arguments.ts";
import { readDiff } from "./git/read-diff.ts";

export default defineTool({
  name: "git_diff",
  description:
    "What is changed in a git repository and not committed: `staged` against the last commit, `unstaged` against what is staged, each with its files (lines added and deleted) and a unified diff of them (its first 100,000 characters, `patch_truncated` says when it is longer). Untracked files are left out (git_status lists them), and so are changes inside submodules and files that tools may not see.",
  category: "developer",
  risk: "read",
  runsOn: "node",
  idempotent: true,
  timeoutMs: 60_000,
  parameters: z.strictObject({
    repository: pathArgument("The repository, or a folder in it"),
    limit: z
      .int()
      .min(1)
      .max(500)
      .default(100)
      .describe("Files at most, of the staged and of the unstaged each"),
  }),
  execute: ({ repository, limit }, context) =>
    fileResult(repository, () => readDiff(context, repository, limit)),
});
