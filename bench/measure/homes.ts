// Data folders of the products that a benchmark starts: made here, so that none is left behind, also after Ctrl-C.
import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const homes = new Set<string>();

/** @param parent the system's folder for temporary files unless said */
export async function makeHome(parent = tmpdir()): Promise<string> {
  const home = await mkdtemp(join(parent, "macjarvis-bench-"));
  homes.add(home);
  return home;
}

export async function removeHome(home: string): Promise<void> {
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
  homes.delete(home);
}

/** For the sudden way out. */
export function removeHomes(): void {
  for (const home of homes) rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}
