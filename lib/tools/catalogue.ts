// What our own tools say of themselves, so that a machine can tell of them and loads none before it is called: all of them take
// 20 MB and a third of a start. `npm run docs` writes the file from the tools; a test holds it equal.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { NodeTool } from "../../contracts/tools.ts";

/** Where the built-in ones are: one folder a category. */
export const BUILT_IN = join(import.meta.dirname, "..", "..", "plugins", "tools");
export const CATALOGUE_FILE = join(BUILT_IN, "catalogue.json");

export type CatalogueEntry = {
  /** Below the folder of the built-in ones, without the ending: packed they are JavaScript. */
  file: string;
  /** Systems that it runs on; all unless said. */
  platforms?: string[];
  described: NodeTool;
};

/** In the order of their files. */
export function readCatalogue(): CatalogueEntry[] {
  return JSON.parse(readFileSync(CATALOGUE_FILE, "utf8")) as CatalogueEntry[];
}
