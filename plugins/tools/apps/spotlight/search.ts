// Looks for files in all allowed folders: paths come from Spotlight, or from a walk; what is told of them comes from the file system, and
// only of what tools may see.
import { realpath, stat } from "node:fs/promises";
import type { ToolContext } from "../../../../contracts/tools.ts";
import { type Boundary, boundaryOf } from "../../../../lib/files/boundary.ts";
import { Breath } from "../../files/workspace/breath.ts";
import { type FileKind, kindOf } from "../../files/workspace/open-file.ts";
import { pathsByName } from "./by-name.ts";
import { pathsBySpotlight } from "./mdfind.ts";

export type FoundFile = { path: string; type: FileKind; size_bytes: number; modified: string };
export type Found = { results: FoundFile[]; truncated: boolean };

/** Paths looked at, at most: many may be hidden, or gone since they were indexed. */
const MOST_LOOKS = 5_000;

/** @throws ToolFailure `invalid_query`, `failed`; FileProblem when none of the folders is there */
export async function searchFiles(
  context: ToolContext,
  { query, limit }: { query: string; limit: number },
  platform: NodeJS.Platform = process.platform,
): Promise<Found> {
  const boundary = await boundaryOf(context, "look");
  const roots = boundary.roots.map(({ real }) => real);
  const find = platform === "darwin" ? pathsBySpotlight : pathsByName;
  const { paths, truncated } = await find(context, roots, { query, limit });
  const breath = new Breath(context.signal);
  const results: FoundFile[] = [];
  for (const [index, path] of paths.entries()) {
    if (results.length === limit || index === MOST_LOOKS) return { results, truncated: true };
    if (breath.due) await breath.take();
    const file = await look(boundary, path);
    if (file && !results.some((other) => other.path === file.path)) results.push(file);
  }
  return { results, truncated };
}

/** Undefined for what is not there any more, and for what no tool may see. */
async function look(boundary: Boundary, path: string): Promise<FoundFile | undefined> {
  const real = await realpath(path).catch(() => undefined);
  if (real === undefined || !boundary.allows(real)) return undefined;
  const stats = await stat(real).catch(() => undefined);
  if (!stats || !boundary.allows(real, stats)) return undefined;
  return { path: real, type: kindOf(stats), size_bytes: stats.size, modified: stats.mtime.toISOString() };
}
