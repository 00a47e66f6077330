// git_log: the last commits of a repository. Nothing that the repository configures is run.
import { z } from "zod";
import { fileResult } from "../../../lib/files/file-problem.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { pathArgument } from "../files/workspace/arguments.ts";
import { readLog } from "./git/read-log.ts";

export default defineTool({
  name: "git_log",
  description:
    "The last commits of the branch that is checked out in a git repository, newest first: hash, parents, author, dates, branches and tags that point there, subject and message (its first 2,000 characters). `more` says that there are older ones.",
  category: "developer",
  risk: "read",
  runsOn: "node",
  idempotent: true,
  timeoutMs: 60_000,
  parameters: z.strictObject({
    repository: pathArgument("The repository, or a folder in it"),
    limit: z.int().min(1).max(500).default(20).describe("Commits at most"),
  }),
  execute: ({ repository, limit }, context) =>
    fileResult(repository, () => readLog(context, repository, limit)),
});
