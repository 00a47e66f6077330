// Runs git for tools that only read, so that nothing a repository says is run: a repository's own configuration can name
// programs (hooks, fsmonitor, filters, pagers, transports), and whoever may write files may write that configuration.
import type { CommandResult, ToolContext } from "../../../../contracts/tools.ts";
import { ToolFailure } from "../../../../lib/tools/tool-failure.ts";
import { openFolder } from "../../files/workspace/open-place.ts";

/** Settings that win over the repository's own (git-config(1)). */
const SETTINGS: [name: string, value: string][] = [
  ["core.fsmonitor", "false"],
  ["core.hooksPath", "/dev/null"],
  ["core.pager", "cat"],
  ["core.editor", "false"],
  ["core.sshCommand", "false"],
  ["core.askPass", ""],
  ["core.quotePath", "false"],
  ["diff.external", ""],
  ["interactive.diffFilter", ""],
  ["log.showSignature", "false"],
  // A name that the user's own settings would explain stops git.
  ["format.pretty", "medium"],
  ["log.date", "default"],
  ["protocol.allow", "never"],
  ["submodule.recurse", "false"],
  // Nothing of the repository is run, so it may belong to another user of the machine.
  ["safe.directory", "*"],
  ["safe.bareRepository", "explicit"],
];

const ENVIRONMENT = {
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_ATTR_NOSYSTEM: "1",
  GIT_ALLOW_PROTOCOL: "none",
  GIT_NO_LAZY_FETCH: "1",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_TERMINAL_PROMPT: "0",
  GIT_PAGER: "cat",
};

/** Filters a repository may name: more is nobody's repository. */
const MOST_FILTERS = 200;

export type Repository = {
  /** Real path of the working tree, within the roots. */
  folder: string;
  /** Real path of its git folder, within the roots; of a worktree its own part. */
  gitFolder: string;
  /** Runs one git command in it. */
  git(args: string[]): Promise<CommandResult>;
};

/**
 * The repository that the folder belongs to.
 * @throws FileProblem when the folder, the working tree or the git folder is not for tools to see;
 * ToolFailure `not_a_repository`, `bare_repository`, `git_missing`
 */
export async function openRepository(context: ToolContext, path: string): Promise<Repository> {
  const start = await realFolder(context, path);
  const top = await told(context, start, "--show-toplevel", path);
  const gitFolder = await told(context, start, "--absolute-git-dir", path);
  // A repository may say that its files lie elsewhere (core.worktree, a .git file).
  const folder = await realFolder(context, top);
  const realGitFolder = await realFolder(context, gitFolder);
  const settings = await withoutFilters(context, folder);
  return { folder, gitFolder: realGitFolder, git: (args) => runGit(context, folder, args, settings) };
}

/** One of its folders, as git says it: asked for alone, because its name may have line breaks. */
async function told(context: ToolContext, start: string, option: string, path: string): Promise<string> {
  const { exit_code, stdout, stderr } = await runGit(context, start, ["rev-parse", option], []);
  if (exit_code === 127) throw new ToolFailure("git_missing", "git is not installed on this machine.");
  // What stands in git's place on a Mac without Apple's command line tools.
  if (/^(?:xcode-select: |xcrun: error: )/m.test(stderr))
    throw new ToolFailure(
      "git_missing",
      "git is not installed on this Mac: run `xcode-select --install` in a terminal.",
    );
  const folder = stdout.replace(/\n$/, "");
  if (exit_code === 0 && folder !== "") return folder;
  // In a bare repository, and in the git folder of any.
  if (/must be run in a work tree|cannot use bare repository/.test(stderr))
    throw new ToolFailure(
      "bare_repository",
      `"${path}" is a bare repository, or lies in a git folder: it has no working tree to look at.`,
    );
  throw new ToolFailure("not_a_repository", `"${path}" is not in the working tree of a git repository.`);
}

async function realFolder(context: ToolContext, path: string): Promise<string> {
  const { directory } = await openFolder(context, path);
  await using held = directory;
  return held.path;
}

/** Settings that switch off each filter the repository names: git runs them to compare a changed file. */
async function withoutFilters(context: ToolContext, folder: string): Promise<[string, string][]> {
  const listed = await runGit(
    context,
    folder,
    ["config", "--null", "--name-only", "--get-regexp", "^filter\\."],
    [],
  );
  const names = [...new Set(listed.stdout.split("\0").filter((name) => name !== ""))];
  const filters = new Set(names.map((name) => name.slice(0, name.lastIndexOf("."))));
  if (filters.size > MOST_FILTERS || listed.truncated)
    throw new ToolFailure("not_a_repository", "The repository's configuration names too many filters.");
  return [...filters].flatMap((filter): [string, string][] => [
    [`${filter}.clean`, ""],
    [`${filter}.smudge`, ""],
    [`${filter}.process`, ""],
    [`${filter}.required`, "false"],
  ]);
}

async function runGit(
  context: ToolContext,
  cwd: string,
  args: string[],
  settings: [string, string][],
): Promise<CommandResult> {
  const argv = ["git", "--no-pager", "--no-replace-objects", ...args];
  const env = { ...ENVIRONMENT, ...asVariables([...SETTINGS, ...settings]), ...ceiling(context.roots) };
  // A second wall where there is one; the settings are what must hold.
  const sandbox = process.platform === "linux";
  try {
    return await context.run(argv, { cwd, env, sandbox });
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code !== "sandbox_unavailable") throw thrown;
    return context.run(argv, { cwd, env });
  }
}

/** As variables and not as `-c`, where a name with `=` in it would become another name (git-config(1), GIT_CONFIG_COUNT). */
function asVariables(settings: [string, string][]): Record<string, string> {
  const entries = settings.flatMap(([name, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, name],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return { ...Object.fromEntries(entries), GIT_CONFIG_COUNT: String(settings.length) };
}

/** Git looks for a repository upwards, but not above the roots. */
function ceiling(roots: string[]): Record<string, string> {
  const parents = roots.map((root) => root.slice(0, Math.max(1, root.lastIndexOf("/"))));
  return { GIT_CEILING_DIRECTORIES: parents.join(":") };
}
