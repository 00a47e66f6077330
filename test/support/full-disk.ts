// Lets a running server meet a full disk: no file of it may grow (RLIMIT_FSIZE, from outside and only for this process).
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "@jest/globals";
import { environment } from "./environment.ts";
import { type Obstacle, without } from "./unless.ts";

const ROOT = join(import.meta.dirname, "../..");
const NODE = join(ROOT, "node_modules/.bin/node");

/** Linux with util-linux can do that. */
export const noFullDisk: Obstacle = without("prlimit", ["--version"], "no disk can be made full");

/** From now on every write of the process fails that lies behind this length of its file, the first byte unless said. */
export function fillDisk(pid: number, length = 1): void {
  execFileSync("prlimit", ["--pid", String(pid), `--fsize=${length}:unlimited`]);
}

export function freeDisk(pid: number): void {
  execFileSync("prlimit", ["--pid", String(pid), "--fsize=unlimited:unlimited"]);
}

/** A start that may let no file grow beyond this length ends by itself, in words that say so. */
export async function expectWords(length: number): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), "macjarvis-full-"));
  const env = environment({ MACJARVIS_HOME: home, PORT: "0" });
  const args = [`--fsize=${length}:unlimited`, NODE, "bin/start.ts"];
  const { status, stderr } = spawnSync("prlimit", args, { cwd: ROOT, env, encoding: "utf8" });
  expect([status, stderr.split("\n")[0]]).toEqual([1, "MacJarvis could not start."]);
  expect(stderr).toMatch(/cannot be used: .*(disk|grow)/);
  expect(stderr).toContain(home);
  // Neither a stack nor a wrong guess.
  expect(stderr).not.toMatch(/^ +at |in use by another/m);
  await rm(home, { recursive: true });
}
