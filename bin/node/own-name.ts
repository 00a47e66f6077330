// What this program is called by whoever started it: a script of npm in the repository, a command of its own in the package.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const PACKAGE = "macjarvis-node";

/** The text with the name by which the reader can start this program. */
export function inOwnName(text: string, name: string = packageName()): string {
  return name === PACKAGE ? text.replaceAll(/npm run (?:--silent )?node(?: --(?= ))?/g, PACKAGE) : text;
}

function packageName(): string {
  const file = join(import.meta.dirname, "..", "..", "package.json");
  return (JSON.parse(readFileSync(file, "utf8")) as { name: string }).name;
}
