import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { nodeFolder } from "../../../../mac-node/program/folder.ts";
import { holderOf, lockNodeFolder } from "../../../../mac-node/program/lock.ts";
import { waitFor } from "../../../support/wait-for.ts";

let base = "";
let other: ChildProcess | undefined;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "macjarvis-node-lock-"));
});
afterEach(() => {
  other?.kill("SIGKILL");
  rmSync(base, { recursive: true });
});

const MODULES = join(import.meta.dirname, "../../../../mac-node/program");
const url = (name: string) => JSON.stringify(pathToFileURL(join(MODULES, name)).href);

/** Another process that holds the folder until it is killed. */
async function holder() {
  const script = `
    import { lockNodeFolder } from ${url("lock.ts")};
    import { nodeFolder } from ${url("folder.ts")};
    await lockNodeFolder(nodeFolder(${JSON.stringify(base)}));
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "inherit" });
  other = child;
  await waitFor("it is held", () => holderOf(nodeFolder(base)));
  return child;
}

test("one process serves a folder at a time; the other is told which", async () => {
  const folder = nodeFolder(base);
  const child = await holder();
  expect(await holderOf(folder)).toBe(child.pid);
  await expect(lockNodeFolder(folder)).rejects.toMatchObject({ problem: { kind: "in_use", pid: child.pid } });
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
  // What a process left that died keeps nobody out.
  expect(existsSync(folder.holder)).toBe(true);
  expect(await holderOf(folder)).toBeUndefined();
  const lock = await lockNodeFolder(folder);
  expect(await holderOf(folder)).toBe(process.pid);
  lock.release();
  expect(await holderOf(folder)).toBeUndefined();
});

test("an id that came to another process since is nobody's who serves", async () => {
  const folder = nodeFolder(base);
  writeFileSync(folder.holder, JSON.stringify({ pid: process.pid, started: "long ago" }));
  expect(await holderOf(folder)).toBeUndefined();
  writeFileSync(folder.holder, "not json");
  expect(await holderOf(folder)).toBeUndefined();
});
