// Follows the links of a path as far as it exists; used by disk_usage and the sandbox.
import { realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/**
 * The real path, or that of the nearest parent that can be resolved plus the rest. What is missing and what may not be
 * seen look the same, so nobody learns from it which files there are.
 */
export async function resolveNearest(path: string): Promise<string> {
  const real = await realpath(path).catch(() => null);
  if (real !== null) return real;
  const parent = dirname(path);
  return parent === path ? path : join(await resolveNearest(parent), basename(path));
}
