// Where the program of a Mac begins: its commands, and the tools, which are found in their folder and imported by nobody.
import { readdirSync } from "node:fs";
import { join } from "node:path";

/** Paths from the root of the repository. */
export function programEntries(root: string): string[] {
  const folder = "plugins/tools";
  const tools = readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) =>
      readdirSync(join(root, folder, name), { withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
        .map((entry) => join(folder, name, entry.name)),
    );
  return ["bin/node.ts", "mac-node/node.service.ts", ...tools];
}
