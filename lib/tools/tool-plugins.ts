// Finds and loads tool plugins: the built-in ones and the user's own. One bad plugin is named and skipped, never a reason
// not to start. Called once by each process that runs tools.
import { readdir } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Tool } from "../../contracts/tools.ts";
import { toError } from "../errors.ts";
import { checkTool } from "./check-tool.ts";

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
/** A plugin whose import waits longer than this is skipped. */
const IMPORT_LIMIT_MS = 10_000;

/** The tools for this platform in the order of their files. Never throws for what a plugin does. */
export async function loadTools(sources: ToolSources): Promise<LoadedTools> {
  const { pluginFolder, builtInFolder = BUILT_IN, platform = process.platform } = sources;
  const files = [...(await builtInFiles(builtInFolder)), ...(await userFiles(pluginFolder))];
  const loaded = await Promise.all(files.map(load));
  const byName = new Map<string, { tool: Tool; file: string }>();
  const bad: BadPlugin[] = [];
  for (const result of loaded) {
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

async function userFiles(folder: string): Promise<PluginFile[]> {
  return (await list(folder))
    .filter((entry) => !entry.isDirectory() && USER_FILES.includes(extname(entry.name)))
    .filter((entry) => !entry.name.startsWith(".") && !entry.name.endsWith(".d.ts"))
    .map((entry) => ({ file: join(folder, entry.name), category: "plugins" }));
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

async function load({ file, category }: PluginFile): Promise<{ tool: Tool; file: string } | BadPlugin> {
  try {
    const module = (await inTime(import(pathToFileURL(file).href))) as { default?: unknown };
    if (module.default === undefined) throw new Error("it has no default export");
    return { tool: checkTool(module.default, category), file };
  } catch (thrown) {
    return { file, problem: `${basename(file)}: ${toError(thrown).message}` };
  }
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
