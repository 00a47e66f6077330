import { spawnSync } from "node:child_process";
import { chmodSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { prepareDataFolder } from "../../../../lib/embedded/data-folder.ts";
import { lockDataFolder } from "../../../../lib/embedded/folder-lock.ts";
import { openEmbeddedPorts } from "../../../../lib/embedded/open-embedded-ports.ts";
import { inWords } from "../../../../lib/embedded/open-store.ts";
import { storeUnavailable } from "../../../../lib/embedded/sqlite-error.ts";
import { environment } from "../../../support/environment.ts";
import { notOnLinux, testUnless } from "../../../support/unless.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..", "..");

describe("the data folder", () => {
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "macjarvis-home-"));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  test("is closed to everybody else, with all that is in it", async () => {
    chmodSync(home, 0o755);
    const ports = openEmbeddedPorts({ home });
    ports.sql();
    expect(statSync(home).mode & 0o777).toBe(0o700);
    for (const name of ["macjarvis.db", "lock", "pid"])
      expect(statSync(join(home, name)).mode & 0o777).toBe(0o600);
    await ports.close();
  });

  test("is used by one process, which the other is told", async () => {
    prepareDataFolder(home);
    const lock = lockDataFolder(home);
    const second = spawnSync(
      join(ROOT, "node_modules", ".bin", "node"),
      [
        "--input-type=module",
        "-e",
        `const { lockDataFolder } = await import("./lib/embedded/folder-lock.ts"); lockDataFolder(${JSON.stringify(home)})`,
      ],
      { cwd: ROOT, encoding: "utf8" },
    );
    expect(second.stderr).toContain(`in use by another MacJarvis (process ${process.pid})`);
    lock.release();
    lockDataFolder(home).release();
  });

  test("a place of others is not closed to them", () => {
    chmodSync(home, 0o1777);
    expect(() => prepareDataFolder(home)).toThrow(/a place for more than MacJarvis/);
    expect(statSync(home).mode & 0o7777).toBe(0o1777);
  });

  test("one that cannot be made is refused in words", () => {
    expect(() => prepareDataFolder("/dev/null/home")).toThrow(
      /a part of the path is a file\. Set MACJARVIS_HOME/,
    );
    expect(() => prepareDataFolder("/dev/null")).toThrow(/it is a file/);
    const made = join(home, "a", "b");
    prepareDataFolder(made);
    expect([made, dirname(made)].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o700]);
  });

  test("a disk that was full when a service stored something is told with the folder and what to do", () => {
    const full = storeUnavailable("the disk is full", Object.assign(new Error("full"), { errcode: 13 }));
    expect(inWords("/srv/m", full)).toMatchObject({
      message:
        "The data folder /srv/m cannot be used: the disk is full. See that its disk is well, has room and can be written, or set MACJARVIS_HOME to another one.",
    });
    const busy = storeUnavailable("it is shutting down");
    expect(inWords("/srv/m", busy)).toBe(busy);
  });

  // In a process of its own: what never ends ends there.
  testUnless(notOnLinux)("a place where nothing can be made is refused at once", () => {
    for (const place of ["/proc/home", "/proc/home/deeper"]) {
      const { status, stderr } = spawnSync(join(ROOT, "node_modules", ".bin", "node"), ["bin/start.ts"], {
        cwd: ROOT,
        env: environment({ MACJARVIS_HOME: place, PORT: "0" }),
        encoding: "utf8",
        timeout: 30_000,
      });
      expect([status, stderr]).toEqual([
        1,
        expect.stringMatching(/nothing can be made there\. Set MACJARVIS_HOME/),
      ]);
    }
  });
});
