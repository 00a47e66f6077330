// What a program of ours is made of: every file that it can load, and every package. Types are gone before it is looked for, so
// that what is imported for its types alone does not count.
import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";

/** `files` from the root of the repository, `packages` by their names; both in order. */
export type Closure = { files: string[]; packages: string[] };

/** `import x from "y"`, `export … from "y"`; `import "y"`; `import("y")`; files that are started or read by their place. */
const IMPORTS = [
  /^(?:import|export)\b[^;"']*?\bfrom\s*"([^"]+)"/gm,
  /^import\s*"([^"]+)"/gm,
  // Not the `ObjC.import("…")` of scripts for macOS.
  /(?<![.\w])import\(\s*"([^"]+)"\s*\)/g,
  /\bnew URL\(\s*"(\.[^"]+\.ts)",\s*import\.meta\.url\)/g,
];

/** @param entries paths from the root. @throws the system's error for a file that is not there */
export function closureOf(root: string, entries: readonly string[]): Closure {
  const files = new Set<string>();
  const packages = new Set<string>();
  const todo = [...entries];
  for (let file = todo.pop(); file !== undefined; file = todo.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    for (const name of importsOf(readFileSync(join(root, file), "utf8"))) {
      if (name.startsWith(".")) todo.push(join(dirname(file), name));
      else if (!name.startsWith("node:")) packages.add(packageOf(name));
    }
  }
  return { files: [...files].toSorted(), packages: [...packages].toSorted() };
}

function importsOf(source: string): string[] {
  const code = stripTypeScriptTypes(source, { mode: "strip" });
  return IMPORTS.flatMap((pattern) => [...code.matchAll(pattern)].map(([, name = ""]) => name));
}

function packageOf(name: string): string {
  return name
    .split("/")
    .slice(0, name.startsWith("@") ? 2 : 1)
    .join("/");
}
