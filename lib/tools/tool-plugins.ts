// Finds and loads tool plugins: the built-in ones and the user's own. One bad plugin is named and skipped, never a reason
// not to start. Called once by each process that runs tools, and by the doctor.
import { basename, dirname, extname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Tool } from "../../contracts/tools.ts";
import { toError } from "../errors.ts";
import { BUILT_IN, type CatalogueEntry, readCatalogue } from "./catalogue.ts";
import { checkTool } from "./check-tool.ts";
import { type FoundTool, foundTool } from "./found-tool.ts";
import { type BadPlugin, builtInFiles, type PluginFile, userFiles } from "./plugin-files.ts";
import { changedSince, putBack, snapshot } from "./process-globals.ts";
import { inScope } from "./strays.ts";
import { IMPORT_LIMIT_MS, tryImport } from "./try-import.ts";

/**
 * `bad`: plugins that were skipped; the others are there all the same. `reserved`: names of the built-in tools, also of those of other
 * systems: what a tool of such a name does the server knows by itself (services/tools/hub/own-tools.ts).
 */
export type FoundTools = { tools: FoundTool[]; bad: BadPlugin[]; reserved: ReadonlySet<string> };
export type LoadedTools = Omit<FoundTools, "tools"> & { tools: Tool[] };
/** Where a user's own come from, and for which system. */
export type ToolSources = {
  /** Folder of the user's own plugins: `*.ts`, `*.mjs`, `*.js`; it need not be there. */
  pluginFolder: string;
  platform?: NodeJS.Platform;
  /** Told of what a plugin's top level throws after it was imported. */
  stray?: (file: string, error: Error) => void;
};

/** Plugins that are tried at once, each in a thread. */
const AT_ONCE = 4;
/** Milliseconds in which all plugins together must be tried: a start does not wait for more. */
const ALL_LIMIT_MS = 20_000;

/** The tools for this platform in the order of their files; ours are loaded when they are called. Never throws for what a plugin does. */
export function findTools(sources: ToolSources): Promise<FoundTools> {
  return withOwn(readCatalogue().map(fromCatalogue), sources);
}

/**
 * The same with all of them loaded, also those that the catalogue does not have.
 * @param sources.builtInFolder of other tools than ours
 */
export async function loadTools(sources: ToolSources & { builtInFolder?: string }): Promise<LoadedTools> {
  const files = await builtInFiles(sources.builtInFolder ?? BUILT_IN);
  const { tools, ...found } = await withOwn(await Promise.all(files.map(load)), sources);
  return { ...found, tools: await Promise.all(tools.map((tool) => tool.load())) };
}

type Found = { tool: FoundTool; file: string } | BadPlugin;

async function withOwn(
  builtIn: Found[],
  { pluginFolder, platform = process.platform, stray }: ToolSources,
): Promise<FoundTools> {
  const { files, bad } = await userFiles(pluginFolder);
  const own: Found[] = [];
  // One after the other: what each does to the process can be told, and put back.
  for (const plugin of await tried(files))
    own.push("problem" in plugin ? plugin : await loadOwn(plugin, stray));
  const reserved = new Map(
    builtIn.flatMap((result) => ("tool" in result ? [[result.tool.described.name, result] as const] : [])),
  );
  const byName = new Map<string, { tool: FoundTool; file: string }>();
  for (const result of [...builtIn, ...own]) {
    if ("problem" in result) {
      bad.push(result);
      continue;
    }
    const { tool, file } = result;
    const { name } = tool.described;
    const ours = reserved.get(name);
    const taken = byName.get(name) ?? (ours === result ? undefined : ours);
    if (taken) bad.push({ file, problem: `the name "${name}" is taken by ${taken.file}` });
    else if (!tool.platforms || tool.platforms.includes(platform)) byName.set(name, result);
  }
  return {
    tools: [...byName.values()].map(({ tool }) => tool),
    reserved: new Set(reserved.keys()),
    bad: bad.toSorted((a, b) => (a.file < b.file ? -1 : 1)),
  };
}

function fromCatalogue({ file: name, platforms, described }: CatalogueEntry): Found {
  const file = join(BUILT_IN, `${name}${extname(import.meta.filename)}`);
  let loaded: Promise<Tool> | undefined;
  return {
    file,
    tool: {
      described,
      platforms,
      load() {
        loaded ??= toolOf({ file, category: dirname(name) });
        return loaded;
      },
    },
  };
}

/** Each imported in a thread, a few at once; those there is no time for are skipped. */
async function tried(files: PluginFile[]): Promise<(PluginFile | BadPlugin)[]> {
  const until = performance.now() + ALL_LIMIT_MS;
  const results: (PluginFile | BadPlugin)[] = [];
  for (let start = 0; start < files.length; start += AT_ONCE) {
    const some = files.slice(start, start + AT_ONCE).map(async (plugin) => {
      try {
        const leftMs = until - performance.now();
        if (leftMs <= 0) throw new Error("the plugins before it took too long");
        await tryImport(pathToFileURL(plugin.file).href, Math.min(leftMs, IMPORT_LIMIT_MS));
        return plugin;
      } catch (thrown) {
        return badPlugin(plugin.file, thrown);
      }
    });
    results.push(...(await Promise.all(some)));
  }
  return results;
}

/** Imports a plugin that was tried. One that does other things here than in its thread is skipped, and they are undone. */
async function loadOwn(plugin: PluginFile, stray: ToolSources["stray"]): Promise<Found> {
  const before = snapshot();
  const end = (error: Error) => stray?.(plugin.file, error);
  const loaded = await inScope({ what: basename(plugin.file), end }, () => load(plugin));
  const changed = changedSince(before);
  if (changed.length === 0) return loaded;
  putBack(changed);
  const names = changed.map(({ name }) => name).join(", ");
  return badPlugin(plugin.file, new Error(`it changes ${names}, which the whole server uses`));
}

async function load(plugin: PluginFile): Promise<Found> {
  try {
    return { tool: foundTool(await toolOf(plugin)), file: plugin.file };
  } catch (thrown) {
    return badPlugin(plugin.file, thrown);
  }
}

async function toolOf({ file, category }: PluginFile): Promise<Tool> {
  const module = (await inTime(import(pathToFileURL(file).href))) as { default?: unknown };
  if (module.default === undefined) throw new Error("it has no default export");
  return checkTool(module.default, category);
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
