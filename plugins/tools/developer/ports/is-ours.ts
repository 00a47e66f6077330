// Whether a process is MacJarvis itself: this one, what started it, what it started, and whatever else runs its code.
// Used by end-listeners.ts.
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { isInside } from "../../../../lib/files/path-names.ts";
import type { ProcessRow } from "../../system/machine/process-row.ts";
import type { Identity } from "./identify.ts";

const PROGRAM = join(import.meta.dirname, "../../../..");

/** @param rows all processes; @param program the folder of the program; @param own the id of this process */
export function isOurs(
  process_: Pick<Identity, "pid" | "words" | "workingFolder">,
  rows: Pick<ProcessRow, "pid" | "parent_pid">[],
  { program = PROGRAM, own = process.pid }: { program?: string; own?: number } = {},
): boolean {
  const parents = new Map(rows.map((row) => [row.pid, row.parent_pid]));
  if (isAbove(process_.pid, own, parents) || isAbove(own, process_.pid, parents)) return true;
  return process_.words.some((word) => {
    const path = resolve(process_.workingFolder || "/", word);
    return isInside(program, path) && path !== program && existsSync(path);
  });
}

/** Whether a process is another one, or one of those that started it. */
function isAbove(pid: number, other: number, parents: Map<number, number>): boolean {
  const seen = new Set<number>();
  for (
    let at: number | undefined = other;
    at !== undefined && at > 0 && !seen.has(at);
    at = parents.get(at)
  ) {
    if (at === pid) return true;
    seen.add(at);
  }
  return false;
}
