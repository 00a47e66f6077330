// What this server is run from. Tools may read it and never change it: whatever is put there runs at the next start, outside of
// the sandbox and with the server's rights.
import { lstat, readFile, readlink, realpath } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";

export type ProgramPaths = {
  /** Absolute paths, whether they exist or not; what lies in them is meant too. */
  paths: string[];
  /** Symbolic links by which they are found: whoever changes one changes what is started. */
  links: string[];
};

/** Folders that the node itself looks for commands in (processes/environment.ts); it runs git, df and ps outside of the sandbox. */
const COMMANDS = ["bin", "sbin"].flatMap((name) => [
  `/${name}`,
  `/usr/${name}`,
  `/usr/local/${name}`,
  `/opt/homebrew/${name}`,
]);
/** What is installed for all and shares its folder with much else. */
const SHARED_PREFIXES = ["/", "/usr", "/usr/local", "/opt/homebrew"];

/**
 * @param program.folder of the program: its code, its packages and its git folder
 * @param program.executable the Node that runs it
 * @param program.startedAs the names by which program and data folder are found, which may lead through links
 */
export async function programPaths(program: {
  folder: string;
  executable: string;
  userHome: string;
  startedAs: string[];
}): Promise<ProgramPaths> {
  const folder = await realpath(program.folder);
  const executable = await realpath(program.executable).catch(() => program.executable);
  const paths = [
    folder,
    // Where Node looks for packages (https://nodejs.org/api/modules.html#loading-from-node_modules-folders).
    await realOf(join(folder, "node_modules")),
    ...foldersAbove(folder).map((above) => join(above, "node_modules")),
    ...[".node_modules", ".node_libraries"].map((name) => join(program.userHome, name)),
    ...(await gitFolders(folder)),
    ...installation(executable),
    ...(await Promise.all(COMMANDS.map(realOf))),
  ];
  const named = [...program.startedAs, program.folder, program.executable];
  const links = await Promise.all(named.map(linksOnWay));
  return { paths: [...new Set(paths)], links: [...new Set(links.flat())] };
}

const realOf = (path: string) => realpath(path).catch(() => path);

function foldersAbove(folder: string): string[] {
  const above = dirname(folder);
  return above === folder ? [] : [above, ...foldersAbove(above)];
}

/** Of a Node that lies in a folder of its own, with npm, all of it. */
function installation(executable: string): string[] {
  const folder = dirname(executable);
  const prefix = dirname(folder);
  if (basename(folder) !== "bin") return [executable];
  return SHARED_PREFIXES.includes(prefix) ? [executable, join(prefix, "lib/node_modules")] : [prefix];
}

/** In a worktree of git `.git` is a file that says where its folder is, and that says where the repository's is (gitrepository-layout(5)). */
async function gitFolders(folder: string): Promise<string[]> {
  const git = join(folder, ".git");
  const said = await readFile(git, "utf8").catch(() => "");
  const [, target] = /^gitdir: (.+)$/m.exec(said) ?? [];
  const own = await realOf(target === undefined ? git : resolve(folder, target));
  const common = await readFile(join(own, "commondir"), "utf8").catch(() => undefined);
  return [own, ...(common === undefined ? [] : [await realOf(resolve(own, common.trim()))])];
}

const MOST_LINKS = 40;

/** Each link that is followed on the way to a path, by the real path of its folder. */
async function linksOnWay(path: string): Promise<string[]> {
  const links: string[] = [];
  let here = "/";
  let rest = resolve(path).split("/").filter(Boolean);
  for (let name = rest.shift(); name !== undefined && links.length < MOST_LINKS; name = rest.shift()) {
    const at = resolve(here, name);
    const isLink = (await lstat(at).catch(() => undefined))?.isSymbolicLink() === true;
    if (!isLink) {
      here = at;
      continue;
    }
    links.push(at);
    const target = resolve(here, await readlink(at));
    rest = [...target.split("/").filter(Boolean), ...rest];
    here = "/";
  }
  return links;
}
