// Finds and loads tool plugins: the built-in ones and the user's own. One bad plugin is named and skipped, never a reason
// not to start. Called once by each process that runs tools.
import { readdir } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Tool } from "../../contracts/tools.ts";
import { toError } from "../errors.ts";
import { checkTool } from "./check-tool.ts";
import { IMPORT_LIMIT_MS, tryImport } from "./try-import.ts";

/** A plugin that was skipped, and why, for the log. */
export type BadPlugin = { file: string; problem: string };
export type LoadedTools = { tools: Tool[]; bad: BadPlugin[] };
export type ToolSources = {
  /** Folder of the user's own plugins: `*.ts`, `*.mjs`, `*.js`; it need not be there. */
  pluginFolder: string;
  /** Where the built-in ones are: one folder a category. */
  builtInFolder?: string;
  platform?: NodeJS.Platform;
};

const BUILT_IN = join(import.meta.dirname, "..", "..", "plugins", "tools");
const USER_FILES = [".ts", ".mjs", ".js"];
/** What may lie beside plugins without being one. */
const NO_PLUGIN = /^\.|\.d\.ts$|\.(md|json|txt)$|^node_modules$/;
/** Plugins that are tried at once, each in a thread. */
const AT_ONCE = 4;

/** The tools for this platform in the order of their files. Never throws for what a plugin does. */
export async function loadTools(sources: ToolSources): Promise<LoadedTools> {
  const { pluginFolder, builtInFolder = BUILT_IN, platform = process.platform } = sources;
  const builtIn = await Promise.all((await builtInFiles(builtInFolder)).map(load));
  const own = await loadUserFiles(pluginFolder);
  const byName = new Map<string, { tool: Tool; file: string }>();
  const bad: BadPlugin[] = [];
  for (const result of [...builtIn, ...own]) {
    if ("problem" in result) {
      bad.push(result);
      continue;
    }
    const { tool, file } = result;
    const taken = byName.get(tool.name);
    if (taken) bad.push({ file, problem: `the name "${tool.name}" is taken by ${taken.file}` });
    else if (!tool.platforms || tool.platforms.includes(platform)) byName.set(tool.name, { tool, file });
  }
  return { tools: [...byName.values()].map(({ tool }) => tool), bad };
}

type PluginFile = { file: string; category: string };

async function builtInFiles(folder: string): Promise<PluginFile[]> {
  const categories = (await list(folder)).filter((entry) => entry.isDirectory());
  const files = await Promise.all(
    categories.map(async ({ name: category }) =>
      (await list(join(folder, category)))
        .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.name.endsWith(".d.ts"))
        .map((entry) => ({ file: join(folder, category, entry.name), category })),
    ),
  );
  return files.flat();
}

/** The user's plugins: whatever is wrong with one, or with the folder itself, is told of it and stops nothing. */
async function loadUserFiles(folder: string): Promise<Loaded[]> {
  const entries = await list(folder).catch((thrown: unknown) => toError(thrown));
  if (!Array.isArray(entries)) return [{ file: folder, problem: `it cannot be read: ${entries.message}` }];
  const loaded: Loaded[] = [];
  const files = entries.filter(({ name }) => !NO_PLUGIN.test(name));
  for (let start = 0; start < files.length; start += AT_ONCE) {
    const some = files.slice(start, start + AT_ONCE).map((entry): Promise<Loaded> | BadPlugin => {
      const file = join(folder, entry.name);
      if (entry.isDirectory()) return { file, problem: `${entry.name} is a folder; a plugin is a file` };
      if (!USER_FILES.includes(extname(entry.name)))
        return { file, problem: `${entry.name} is none of ${USER_FILES.join(", ")}` };
      return loadUserFile({ file, category: "plugins" });
    });
    loaded.push(...(await Promise.all(some)));
  }
  return loaded;
}

async function list(folder: string) {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw thrown;
  }
}

type Loaded = { tool: Tool; file: string } | BadPlugin;

async function loadUserFile(plugin: PluginFile): Promise<Loaded> {
  try {
    await tryImport(pathToFileURL(plugin.file).href);
  } catch (thrown) {
    return badPlugin(plugin.file, thrown);
  }
  return load(plugin);
}

async function load({ file, category }: PluginFile): Promise<Loaded> {
  try {
    const module = (await inTime(import(pathToFileURL(file).href))) as { default?: unknown };
    if (module.default === undefined) throw new Error("it has no default export");
    return { tool: checkTool(module.default, category), file };
  } catch (thrown) {
    return badPlugin(file, thrown);
  }
}

function badPlugin(file: string, thrown: unknown): BadPlugin {
  return { file, problem: `${basename(file)}: ${toError(thrown).message}` };
}

async function inTime<T>(loading: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("its import does not end")), IMPORT_LIMIT_MS);
  });
  try {
    return await Promise.race([loading, late]);
  } finally {
    clearTimeout(timer);
  }
}
