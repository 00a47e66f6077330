// What is changed and not committed, for git_diff: first the list of files, then the patch of those that may be shown.
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import type { ToolContext } from "../../../../contracts/tools.ts";
import { headOf } from "../../../../lib/cut-text.ts";
import { type Boundary, boundaryOf } from "../../../../lib/files/boundary.ts";
import { ToolFailure } from "../../../../lib/tools/tool-failure.ts";
import { type DiffFile, parseNumstat } from "./parse-numstat.ts";
import { wholeEntries } from "./parse-status.ts";
import { openRepository, type Repository } from "./run-git.ts";

export type Changes = {
  files: DiffFile[];
  files_left_out: number;
  /** Unified diff of the files. */
  patch: string;
  patch_truncated: boolean;
};

/** Nothing that the repository names is run, and its settings change neither what is shown nor how. */
const SAFELY = [
  ...["--no-ext-diff", "--no-textconv", "--no-color", "--no-relative", "--ignore-submodules=dirty"],
  ...["--submodule=short", "--find-renames", "-O/dev/null", "--src-prefix=a/", "--dst-prefix=b/"],
  "--ita-invisible-in-index",
];
/** Apart, because it asks for a patch by itself. */
const CONTEXT = ["--unified=3", "--inter-hunk-context=0"];
const MOST_PATCH = 100_000;
/** Names of files that fit into one command line beside everything else. */
const MOST_NAME_BYTES = 100_000;

/** @throws as `openRepository`; ToolFailure `git_failed` */
export async function readDiff(context: ToolContext, path: string, limit: number) {
  const { folder, git } = await openRepository(context, path);
  const boundary = await boundaryOf(context, "look");
  const area = (which: string[]) => readChanges(git, which, { folder, boundary, limit });
  const [staged, unstaged] = [await area(["--cached"]), await area([])];
  return { repository: folder, clean: isEmpty(staged) && isEmpty(unstaged), staged, unstaged };
}

const isEmpty = ({ files, files_left_out }: Changes) => files.length + files_left_out === 0;

type Limits = { folder: string; boundary: Boundary; limit: number };

async function readChanges(git: Repository["git"], which: string[], limits: Limits): Promise<Changes> {
  const listed = await git(["diff", ...which, "--numstat", "-z", ...SAFELY, "--"]);
  assertDone(listed);
  const all = parseNumstat(listed.truncated ? wholeEntries(listed.stdout) : listed.stdout);
  const seen: DiffFile[] = [];
  for (const file of all) if (await maySee(file, limits)) seen.push(file);
  const files = fitting(seen, limits.limit);
  const left = { files, files_left_out: all.length - files.length };
  if (files.length === 0) return { ...left, patch: "", patch_truncated: false };
  const names = files.flatMap(namesOf);
  const shown = await git([
    "--literal-pathspecs",
    "diff",
    ...which,
    "--patch",
    ...CONTEXT,
    ...SAFELY,
    "--",
    ...names,
  ]);
  assertDone(shown);
  // Of more than a stream keeps the head is shown.
  const [head = ""] = shown.truncated ? shown.stdout.split(/\n… \d+ bytes left out …\n/, 1) : [shown.stdout];
  const patch = headOf(head, MOST_PATCH);
  return { ...left, patch, patch_truncated: shown.truncated || patch.length < head.length };
}

function assertDone({ exit_code, stderr }: { exit_code: number | null; stderr: string }): void {
  if (exit_code !== 0)
    throw new ToolFailure("git_failed", stderr.trim().slice(0, 1_000) || "git diff failed.");
}

const namesOf = ({ path, original_path }: DiffFile) =>
  original_path === undefined ? [path] : [original_path, path];

/** By name, and by what lies there: another name of a hidden file is not shown either. */
async function maySee(file: DiffFile, { folder, boundary }: Limits): Promise<boolean> {
  const seen = await Promise.all(
    namesOf(file).map(async (name) => {
      const path = join(folder, name);
      return boundary.allows(path, await lstat(path).catch(() => undefined));
    }),
  );
  return seen.every((each) => each);
}

function fitting(files: DiffFile[], limit: number): DiffFile[] {
  let bytes = 0;
  return files.slice(0, limit).filter((file) => {
    bytes += Buffer.byteLength(namesOf(file).join("\0")) + 1;
    return bytes <= MOST_NAME_BYTES;
  });
}
