import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

const ROOT = join(import.meta.dirname, "../../..");
const NODE = join(ROOT, "node_modules/.bin/node");
const CHECK = join(ROOT, "bin/check-install.cjs");

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "macjarvis-install-"));
  mkdirSync(join(folder, "bin"));
  copyFileSync(CHECK, join(folder, "bin/check-install.cjs"));
  // Stands for an older Node, whose version is all that is looked at.
  writeFileSync(
    join(folder, "older.cjs"),
    'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.20.2" } });',
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(args: string[], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(NODE, [...args, "-e", "console.log('started')"], {
    env: { PATH: process.env.PATH, ...env },
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

describe("a start on a machine where something is missing", () => {
  test("without the packages says npm ci, in the person's language, and starts nothing", () => {
    const check = ["-r", join(folder, "bin/check-install.cjs")];
    expect(run(check)).toEqual({
      status: 1,
      stdout: "",
      stderr: expect.stringContaining("Run first: npm ci"),
    });
    expect(run(check, { LANG: "zh_CN.UTF-8" }).stderr).toContain("请先运行：npm ci");
  });

  test("with an older Node says which is needed and how it comes", () => {
    const { status, stdout, stderr } = run(["-r", join(folder, "older.cjs"), "-r", CHECK]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(/needs Node 24, and this is Node 20\.20\.2\.\nRun npm ci/);
  });

  test("with all there is says nothing", () => {
    expect(run(["-r", CHECK])).toEqual({ status: 0, stdout: "started\n", stderr: "" });
  });

  test("every command line of the product looks before it starts", () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    const { start, ...others } = scripts;
    expect(start).toMatch(/^exec node( --\S+)* -r \.\/bin\/check-install\.cjs .*bin\/start\.ts$/);
    for (const name of ["chat", "doctor", "user", "audit"])
      expect(others[name]).toBe(`exec node -r ./bin/check-install.cjs bin/${name}.ts`);
  });
});
