// The path that a caller means, or why it means none.
import { FileProblem } from "./file-problem.ts";
import { meantPath } from "./path-names.ts";

/** Absolute: `~` is the home folder, relative ones start at `base`. @throws FileProblem `invalid_path` */
export function absolutePath(path: string, from: { home: string; base: string }): string {
  if (path === "") throw new FileProblem("invalid_path", "The path is empty; give a file or folder.");
  if (path.includes("\0")) throw new FileProblem("invalid_path", "The path has a NUL character in it.");
  return meantPath(path, from);
}
