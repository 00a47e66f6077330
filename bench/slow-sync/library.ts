// Builds the shim of slow-sync.c for this machine. Used by benchmarks and tests that need a slow or broken disk.
import { spawnSync } from "node:child_process";
import { existsSync, renameSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SOURCE = join(import.meta.dirname, "slow-sync.c");

/** The library's path for `LD_PRELOAD`, or what stands in the way of one. */
export type SlowSync = { library: string; obstacle?: undefined } | { library?: undefined; obstacle: string };

export function slowSyncLibrary(): SlowSync {
  const reason = process.platform === "linux" ? undefined : "a library is preloaded on Linux only";
  const path = join(
    tmpdir(),
    `macjarvis-slow-sync-${process.getuid?.() ?? 0}-${statSync(SOURCE).mtimeMs}.so`,
  );
  if (reason === undefined && existsSync(path)) return { library: path };
  const built = reason ?? build(path);
  return built === undefined ? { library: path } : { obstacle: `no disk can be made slow here: ${built}` };
}

/** @returns what went wrong */
function build(path: string): string | undefined {
  const half = `${path}.${process.pid}`;
  const { error, status, stderr } = spawnSync("cc", ["-shared", "-fPIC", "-O1", "-o", half, SOURCE, "-ldl"], {
    encoding: "utf8",
  });
  if (error || status !== 0) return `there is no C compiler that works (cc): ${error?.message ?? stderr}`;
  // Whole or not at all: others may build it now too.
  renameSync(half, path);
  return undefined;
}
