// The folder that a package is made in.
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

export type Package = { name: string; version: string; dependencies: Record<string, string> };

/** @param folder with a package.json */
export function readPackage(folder: string): Package {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Package;
}

/**
 * Of an earlier package of this name nothing stays, and of anybody's own nothing is removed.
 * @throws Error in words when there is something else in the folder
 */
export function clearFolder(out: string, name: string): void {
  const there = existsSync(out) ? readdirSync(out) : [];
  if (there.length > 0 && !(there.includes("package.json") && readPackage(out).name === name))
    throw new Error(`${out} has something else in it: name a folder that is empty, or not there yet.`);
  rmSync(out, { recursive: true, force: true });
}
