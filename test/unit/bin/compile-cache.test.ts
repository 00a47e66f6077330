import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { homeFolder } from "../../../bin/start/code-cache.cjs";
import { folderOf, USUAL_HOME, USUAL_NODE_HOME } from "../../../lib/home-folder.ts";

const ROOT = join(import.meta.dirname, "../../..");
const NODE = join(ROOT, "node_modules/.bin/node");

let folder: string;
let home: string;
let cache: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "macjarvis-cache-"));
  home = join(folder, "home");
  cache = join(home, "code-cache");
});
afterEach(() => rm(folder, { recursive: true }));

/** Loads code behind the cache as a start does, and ends as a stop does. Answers the folder that is used, if one is. */
function load(): string | undefined {
  const script = `
    import module from "node:module";
    import { useCompileCache } from "./bin/start/compile-cache.ts";
    useCompileCache(${JSON.stringify(home)});
    await import("./lib/env.ts");
    console.log(module.getCompileCacheDir() ?? "");
    process.exit(0);`;
  const env = { PATH: process.env.PATH };
  const { stdout, stderr } = spawnSync(NODE, ["--input-type=module", "-e", script], {
    cwd: ROOT,
    env,
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  return stdout.trim() || undefined;
}

describe("compiled code", () => {
  test("is kept in the data folder when the process ends, where nobody else can look or write", () => {
    expect(load()).toContain(cache);
    expect([home, cache].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o700]);
    const kept = readdirSync(cache, { recursive: true });
    expect(kept.length).toBeGreaterThan(3);
  });

  test.each([
    ["open to others", () => chmodSync(cache, 0o777)],
    [
      "a link to somewhere else",
      () => {
        rmSync(cache, { recursive: true });
        mkdirSync(join(folder, "elsewhere"), { mode: 0o700 });
        symlinkSync(join(folder, "elsewhere"), cache);
      },
    ],
  ])("is neither taken from nor put into a folder that is %s", (_, change) => {
    mkdirSync(cache, { recursive: true, mode: 0o700 });
    change();
    expect(load()).toBeUndefined();
  });

  test.each([
    ["the server", "./bin/start/take-code-cache.cjs", "MACJARVIS_HOME"],
    ["a Mac's program", "./bin/node/take-code-cache.cjs", "MACJARVIS_NODE_HOME"],
  ])(
    "is taken by %s before the first TypeScript file is loaded: nothing strips types then",
    (_, taker, variable) => {
      const loadsStripper = () => {
        const { stdout, stderr } = spawnSync(
          NODE,
          [
            ...["-r", taker, "--input-type=module", "-e"],
            `await import("./lib/env.ts");
          console.log(process.moduleLoadList.some((name) => name.includes("amaro")));
          process.exit(0);`,
          ],
          { cwd: ROOT, env: { PATH: process.env.PATH, [variable]: home }, encoding: "utf8" },
        );
        expect(stderr).toBe("");
        return stdout.trim() === "true";
      };
      mkdirSync(cache, { recursive: true, mode: 0o700 });
      expect([loadsStripper(), loadsStripper()]).toEqual([true, false]);
    },
  );

  test.each(["~", "~/data", "data", "/srv/data", ""])(
    "the folder named %p is the one that the server uses",
    (text) => {
      expect(homeFolder(text)).toBe(text === "" ? USUAL_HOME : folderOf(text));
    },
  );

  test("the usual folder of a Mac's program is the one that it uses", () => {
    expect(homeFolder(undefined, ".macjarvis-node")).toBe(USUAL_NODE_HOME);
  });

  test("is done without where the folder cannot be used, which the start itself says", () => {
    home = "/dev/null/home";
    expect(load()).toBeUndefined();
    expect(existsSync(home)).toBe(false);
  });
});
