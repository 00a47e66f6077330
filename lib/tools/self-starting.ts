// Places whose files run by themselves, or are found and run by others, outside of the sandbox: at the next login, with the next
// commit, when somebody looks into the folder. Commands cannot write there; file tools are asked about it every time, whatever was
// remembered.
import { isAbsolute, join } from "node:path";
import type { NodeTool } from "../../contracts/tools.ts";
import { componentsBelow, foldedName, isInside, meantPath } from "../files/path-names.ts";

/** Relative to the home folder: what is run by itself at login or found as a command, besides the dotfiles. */
const AUTOSTART = [
  // Folders of commands that installers put into PATH.
  "bin",
  "go/bin",
  "node_modules/.bin",
  ...["anaconda3", "miniconda3", "miniforge3", "mambaforge"].flatMap((name) => [
    `${name}/bin`,
    `${name}/condabin`,
    `${name}/etc/profile.d`,
  ]),
  "google-cloud-sdk/bin",
  "flutter/bin",
  "perl5/bin",
  "Android/Sdk/platform-tools",
  "Library/Android/sdk/platform-tools",
  "Library/Application Support/JetBrains/Toolbox/scripts",
  "Library/Python",
  "Library/pnpm",
  "Applications",
  "Library/Application Scripts",
  "Library/Input Methods",
  "Library/Internet Plug-Ins",
  "Library/LaunchAgents",
  "Library/LaunchDaemons",
  "Library/PreferencePanes",
  "Library/Preferences",
  "Library/QuickLook",
  "Library/Scripts",
  "Library/Services",
  "Library/StartupItems",
];
/** The homes of all users, each a folder in one of these, or one of these. */
const FOLDERS_OF_HOMES = ["/home", "/Users"];
const HOMES_OF_ROOT = ["/root", "/var/root", "/private/var/root"];
/** The system's own, and what starts with it. */
const SYSTEM = [
  ...["/bin", "/boot", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/nix", "/sbin", "/sys", "/usr"],
  ...["/Applications", "/Library", "/System", "/opt/homebrew", "/private/etc", "/private/var/at"],
  ...["/var/at", "/var/lib", "/var/spool/cron", "/private/var/db"],
];
/** In any folder: what programs run, or take commands from, when they work or merely look there. */
const IN_ANY_FOLDER = new Set([
  // Tools that build, and managers of packages and of environments.
  ...[".bazelrc", ".cargo", ".mvn", ".npmrc", ".pnpmfile.cjs", ".pnp.cjs", ".pnp.loader.mjs", ".yarn"],
  ...[".yarnrc.yml", ".envrc", ".autoenv", ".autoenv.zsh", ".rvmrc", ".mise", ".mise.toml", "mise.toml"],
  // Hooks of version control.
  ...[
    ".githooks",
    ".husky",
    ".hg",
    ".lefthook.yml",
    "lefthook.yml",
    ".overcommit.yml",
    ".pre-commit-config.yaml",
  ],
  // Editors and debuggers.
  ...[".devcontainer", ".devcontainer.json", ".fleet", ".idea", ".nova", ".vs", ".vscode", ".zed", ".exrc"],
  ...[".lvimrc", ".nvim.lua", ".nvimrc", ".vimrc", ".dir-locals.el", ".gdbinit", ".lldbinit"],
  // Other agents: hooks, servers of tools, and rules.
  ...[".claude", ".codex", ".cursor", ".gemini", ".mcp.json", ".windsurf"],
]);

const FOLDED_SYSTEM = SYSTEM.map(foldedName);
const FOLDED_FOLDERS_OF_HOMES = FOLDERS_OF_HOMES.map(foldedName);

/** Of the home that was asked about last: an archive asks about one home ten thousands of times. */
let lastAutostart: { home: string; folded: string[] } | undefined;

function foldedAutostart(home: string): string[] {
  if (lastAutostart?.home !== home) lastAutostart = { home, folded: autostartPaths(home).map(foldedName) };
  return lastAutostart.folded;
}

/** Where a machine's places are: the user's home folder, and the folders that tools may touch. Real paths. */
export type Machine = { home: string; roots: string[] };

/** Absolute paths in the home folder that commands may read and not write, besides everything that starts with a dot. */
export function autostartPaths(home: string): string[] {
  if (!isAbsolute(home)) throw new Error("autostartPaths needs an absolute path");
  return AUTOSTART.map((path) => join(home, path));
}

/**
 * Why a change of the path must be asked about every time, as the end of a sentence that begins with the path; undefined when it
 * need not be. `package.json`, a Makefile or a script are not meant: they run when somebody runs them, and that is asked about.
 * @param path absolute and normalised; a link in it is not seen here, so whoever opens it asks again with the real path
 */
export function whyAsked(path: string, { home, roots }: Machine): string | undefined {
  const folded = foldedName(path);
  const inside = (folder: string) => isInside(foldedName(folder), folded);
  if (foldedAutostart(home).some((folder) => isInside(folder, folded)))
    return "is where things lie that start by themselves or are found as commands, outside of the sandbox";
  const names = componentsBelow("/", folded);
  if (names.some((name) => name === ".git" || name.endsWith(".git")))
    return "is a part of git's own folder: what it names is run by git, outside of the sandbox";
  if (names.some((name) => IN_ANY_FOLDER.has(name)))
    return "is run, or says what is run, by programs that work in its folder, outside of the sandbox";
  // A folder that was made a root itself is meant to be written.
  const root = foldedName(
    roots.filter((each) => inside(each)).toSorted((a, b) => b.length - a.length)[0] ?? "/",
  );
  if (FOLDED_SYSTEM.some((folder) => isInside(folder, folded) && isInside(root, folder)))
    return "belongs to the system, or starts with it";
  const own = homeOf(folded, foldedName(home));
  if (own !== undefined && isInside(root, own) && componentsBelow(own, folded)[0]?.startsWith("."))
    return "is among the hidden files of the home folder: they say what runs at login and how programs behave, outside of the sandbox";
  return undefined;
}

/** The home folder that a path lies in; all folded. */
function homeOf(path: string, home: string): string | undefined {
  const folder = FOLDED_FOLDERS_OF_HOMES.find((homes) => isInside(homes, path) && path !== homes);
  const other = folder && join(folder, componentsBelow(folder, path)[0] ?? "");
  return [home, ...HOMES_OF_ROOT].find((each) => isInside(each, path)) ?? other;
}

/** Why a call must be asked about, as a sentence: by the arguments that name what it changes. */
export function whyCallAsked(
  tool: Pick<NodeTool, "changes">,
  args: unknown,
  machine: Machine,
): string | undefined {
  for (const name of tool.changes) {
    const given = (args as Record<string, unknown>)[name];
    for (const path of [given].flat()) {
      if (typeof path !== "string") continue;
      const why = whyAsked(meantPath(path, { home: machine.home, base: machine.roots[0] ?? "/" }), machine);
      if (why !== undefined) return askedSentence(path, why);
    }
  }
  return undefined;
}

export const askedSentence = (path: string, why: string) =>
  `"${path}" ${why}. So it is asked about every time, whatever was remembered.`;
