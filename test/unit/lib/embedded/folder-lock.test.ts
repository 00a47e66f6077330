import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { notOnLinux, testUnless, without } from "../../../support/unless.ts";

const ROOT = join(import.meta.dirname, "../../../..");
const NODE = join(ROOT, "node_modules/.bin/node");

let folder: string;
let home: string;
let holder: ChildProcess;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "macjarvis-lock-"));
  home = join(folder, "home");
  mkdirSync(home);
  holder = await hold();
});
afterEach(async () => {
  if (holder.exitCode === null && holder.signalCode === null) {
    holder.kill("SIGKILL");
    await once(holder, "exit");
  }
  await rm(folder, { recursive: true });
});

/** A process that has the folder, without a thought of what it was given for that, and a child that outlives it. */
async function hold(): Promise<ChildProcess> {
  const script = `
    import { spawn } from "node:child_process";
    import { lockDataFolder } from "./lib/embedded/folder-lock.ts";
    import { openStore } from "./lib/embedded/open-store.ts";
    lockDataFolder(${JSON.stringify(home)});
    const store = openStore(${JSON.stringify(home)});
    await store.write(() => store.statement("CREATE TABLE IF NOT EXISTS t (n)").run());
    const child = spawn("sleep", ["300"], { stdio: "ignore", detached: true });
    gc();
    console.log(child.pid);
    setInterval(() => {}, 1000);`;
  const child = spawn(NODE, ["--expose-gc", "--input-type=module", "-e", script], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [pid] = (await once(child.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
  sleeping = Number(pid.toString());
  return child;
}
let sleeping = 0;
afterEach(() => {
  process.kill(sleeping, "SIGKILL");
});

/** What a second process is told at that path; empty when it gets the folder. */
function second(path = home): string {
  const script = `
    import { lockDataFolder } from "./lib/embedded/folder-lock.ts";
    try { lockDataFolder(${JSON.stringify(path)}); } catch (thrown) { console.log(thrown.message); }`;
  const { stdout, stderr } = spawnSync(NODE, ["--input-type=module", "-e", script], {
    cwd: ROOT,
    encoding: "utf8",
  });
  return stdout + stderr;
}

const noFlock = notOnLinux ?? without("flock", ["--version"], "the lock is on a name");
const here = import.meta.dirname;
const noMount = without("unshare", ["-rm", "mount", "--bind", here, here], "nothing can be mounted");

describe("the lock of a data folder", () => {
  test("is held by one process, which the other is told", () => {
    expect(second()).toContain(`${home} is in use by another MacJarvis (process ${holder.pid})`);
  });

  testUnless(noFlock)("is not loosened by removing or replacing any file of the folder", () => {
    for (const name of ["lock", "pid", "macjarvis.db-shm"]) rmSync(join(home, name), { force: true });
    expect(second()).toContain("in use by another MacJarvis");
    rmSync(join(home, "lock"), { force: true });
    copyFileSync(join(home, "macjarvis.db"), join(home, "copy"));
    renameSync(join(home, "copy"), join(home, "macjarvis.db"));
    expect(second()).toContain("in use by another MacJarvis");
  });

  testUnless(noFlock)("holds by whatever way the folder is reached", () => {
    rmSync(join(home, "lock"));
    const link = join(folder, "link");
    symlinkSync(home, link);
    expect(second(link)).toContain("in use by another MacJarvis");
    const moved = join(folder, "moved");
    renameSync(home, moved);
    rmSync(join(moved, "lock"), { force: true });
    expect(second(moved)).toContain("in use by another MacJarvis");
    // Another folder with a link to the same database.
    const other = join(folder, "other");
    mkdirSync(other);
    symlinkSync(join(moved, "macjarvis.db"), join(other, "macjarvis.db"));
    expect(second(other)).toContain("in use by another MacJarvis");
    home = moved;
  });

  testUnless(noFlock ?? noMount)("holds through a bind mount", () => {
    const mounted = join(folder, "mounted");
    mkdirSync(mounted);
    rmSync(join(home, "lock"));
    const script = `mount --bind ${home} ${mounted} && exec ${NODE} --input-type=module -e '
      import { lockDataFolder } from "./lib/embedded/folder-lock.ts";
      try { lockDataFolder("${mounted}"); } catch (thrown) { console.log(thrown.message); }'`;
    const { stdout } = spawnSync("unshare", ["-rm", "sh", "-c", script], { cwd: ROOT, encoding: "utf8" });
    expect(stdout).toContain("in use by another MacJarvis");
  });

  test("is gone with a process that was killed, also when its children live on", async () => {
    holder.kill("SIGKILL");
    await once(holder, "exit");
    expect(second()).toBe("");
  });

  test("without the program that locks open files, a file of the folder has to do", () => {
    const empty = join(folder, "bin");
    mkdirSync(empty);
    const script = `
      import { lockDataFolder } from "./lib/embedded/folder-lock.ts";
      try { lockDataFolder(${JSON.stringify(home)}); } catch (thrown) { console.log(thrown.message); }`;
    const run = () =>
      spawnSync(NODE, ["--input-type=module", "-e", script], {
        cwd: ROOT,
        encoding: "utf8",
        env: { PATH: empty },
      });
    expect(run().stdout).toContain("in use by another MacJarvis");
  });

  test("is no place for a folder or a pipe", async () => {
    holder.kill("SIGKILL");
    await once(holder, "exit");
    rmSync(join(home, "lock"));
    mkdirSync(join(home, "lock"));
    expect(second()).toMatch(/lock is a folder, and a file of the database belongs there\. Move it away/);
    rmSync(join(home, "lock"), { recursive: true });
    spawnSync("mkfifo", [join(home, "lock")]);
    expect(second()).toMatch(/lock is no regular file/);
  });

  test("says who has it until it is released, and nothing after that", async () => {
    const pid = join(home, "pid");
    expect(readFileSync(pid, "utf8")).toBe(`${holder.pid}\n`);
    holder.kill("SIGKILL");
    await once(holder, "exit");
    const script = `
      import { lockDataFolder } from "./lib/embedded/folder-lock.ts";
      const lock = lockDataFolder(${JSON.stringify(home)});
      lock.release();
      lock.release();`;
    spawnSync(NODE, ["--input-type=module", "-e", script], { cwd: ROOT });
    expect(existsSync(pid)).toBe(false);
  });
});
