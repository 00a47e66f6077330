// The last commits of a repository, for git_log. Fields are separated by zero bytes, which no commit can hold.
import type { ToolContext } from "../../../../contracts/tools.ts";
import { headOf } from "../../../../lib/cut-text.ts";
import { ToolFailure } from "../../../../lib/tools/tool-failure.ts";
import { wholeEntries } from "./parse-status.ts";
import { openRepository } from "./run-git.ts";

export type Commit = {
  hash: string;
  parents: string[];
  author: { name: string; email: string };
  /** ISO 8601, in the author's own time zone. */
  authored_at: string;
  committed_at: string;
  /** Branches and tags, e.g. `HEAD -> main`, `tag: v1`. */
  refs: string[];
  subject: string;
  /** The whole message without its subject; its head when it is long. */
  body: string;
};

/** In the order of `Commit`; `B` is the message as it is. */
const FIELDS = ["H", "P", "an", "ae", "aI", "cI", "D", "B"];
const MOST_BODY = 2_000;
const MOST_LINE = 500;

/** @throws as `openRepository`; ToolFailure `git_failed` */
export async function readLog(context: ToolContext, path: string, limit: number) {
  const { folder, git } = await openRepository(context, path);
  const head = await git(["rev-parse", "--verify", "--quiet", "HEAD"]);
  // Before its first commit.
  if (head.exit_code === 1) return { repository: folder, commits: [], more: false };
  const result = await git([
    "log",
    ...["-z", `--max-count=${limit + 1}`, `--format=${FIELDS.map((field) => `%${field}`).join("%x00")}`],
    // Signatures would be checked by a program that the repository names, and a mailmap read that it names.
    ...["--no-patch", "--no-show-signature", "--no-mailmap", "--no-color", "--no-notes"],
    ...["--no-ext-diff", "--no-textconv", "--encoding=UTF-8", "--decorate=short", "HEAD", "--"],
  ]);
  if (result.exit_code !== 0)
    throw new ToolFailure("git_failed", result.stderr.trim().slice(0, 1_000) || "git log failed.");
  const commits = parseLog(result.truncated ? wholeEntries(result.stdout) : `${result.stdout}\0`);
  return {
    repository: folder,
    commits: commits.slice(0, limit),
    more: commits.length > limit || result.truncated,
  };
}

/** @param output each field with a zero byte behind it; a commit that was cut is left out */
export function parseLog(output: string): Commit[] {
  const fields = output.split("\0");
  const commits: Commit[] = [];
  for (let at = 0; at + FIELDS.length < fields.length; at += FIELDS.length) {
    const [
      hash = "",
      parents = "",
      name = "",
      email = "",
      authored_at = "",
      committed_at = "",
      refs = "",
      message = "",
    ] = fields.slice(at, at + FIELDS.length);
    const text = message.trim();
    const end = text.indexOf("\n");
    const subject = end < 0 ? text : text.slice(0, end);
    commits.push({
      hash,
      parents: words(parents, " "),
      author: { name: headOf(name, MOST_LINE), email: headOf(email, MOST_LINE) },
      authored_at,
      committed_at,
      refs: words(refs, ", ").slice(0, 50),
      subject: headOf(subject, MOST_LINE),
      body: headOf(text.slice(subject.length).trim(), MOST_BODY),
    });
  }
  return commits;
}

const words = (text: string, divider: string) => text.split(divider).filter((word) => word !== "");
