// The catalogue of our own tools, from the tools themselves, of all systems.
import { dirname, extname, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { BUILT_IN, type CatalogueEntry } from "../../lib/tools/catalogue.ts";
import { checkTool } from "../../lib/tools/check-tool.ts";
import { describeTool } from "../../lib/tools/describe-tool.ts";
import { builtInFiles } from "../../lib/tools/plugin-files.ts";

/** What is written, one tool a line. @throws Error saying what a tool lacks */
export async function catalogue(): Promise<string> {
  const entries = await Promise.all((await builtInFiles(BUILT_IN)).map(({ file }) => entryOf(file)));
  return `[\n${entries.map((entry) => JSON.stringify(entry)).join(",\n")}\n]\n`;
}

async function entryOf(path: string): Promise<CatalogueEntry> {
  const module = (await import(pathToFileURL(path).href)) as { default: unknown };
  const file = relative(BUILT_IN, path).slice(0, -extname(path).length);
  const tool = checkTool(module.default, dirname(file));
  return {
    file,
    ...(tool.platforms ? { platforms: tool.platforms } : {}),
    described: describeTool(tool),
  };
}
