// The programs as npm starts them: help, version, what is not understood, and reports for programs.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { environment } from "../../support/environment.ts";

const ROOT = join(import.meta.dirname, "../../..");
const NODE = join(ROOT, "node_modules/.bin/node");

let home = "";
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "macjarvis-lines-"));
});
afterEach(() => rmSync(home, { recursive: true }));

function run(args: string[], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(NODE, args, {
    cwd: ROOT,
    env: environment({ HOME: home, MACJARVIS_HOME: join(home, "data"), PORT: "0", ...env }),
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

const VERSION = /^\d+\.\d+\.\d+\n$/;

describe("npm start", () => {
  test("--help and --version answer and start no server", () => {
    const help = run(["bin/start.ts", "--help"]);
    expect(help).toMatchObject({ status: 0, stdout: expect.stringContaining("--repl") });
    expect(help.stdout).not.toContain("is running");
    expect(run(["bin/start.ts", "-h"], { LANG: "zh_CN.UTF-8" }).stdout).toContain("在一个进程里启动");
    expect(run(["bin/start.ts", "--version"]).stdout).toMatch(VERSION);
  });

  test.each([
    [["--port", "4000"], "There is no option --port"],
    [["4000"], 'npm start takes no "4000"'],
    [["--repl=yes"], "The option --repl takes no value"],
  ])("%j is refused in words, and starts no server", (args, words) => {
    const { status, stderr, stdout } = run(["bin/start.ts", ...args]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain(words);
    expect(stderr).toContain("npm start -- --help");
    expect(stderr).not.toContain("    at ");
  });

  test("an address that is not this machine's is told in words", () => {
    const { status, stderr } = run(["bin/start.ts"], { HOST: "192.0.2.1", LOG_LEVEL: "silent" });
    expect(status).toBe(1);
    expect(stderr).toContain("HOST=192.0.2.1 is no address of this machine");
    expect(stderr).not.toMatch(/EADDR| {4}at /);
  });
});

describe("npm run doctor", () => {
  test("--help tells of its report and exit codes; what it does not know it refuses", () => {
    expect(run(["bin/doctor.ts", "--help"])).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/--json[\s\S]*Exit code/),
    });
    expect(run(["bin/doctor.ts", "--fix"])).toMatchObject({
      status: 2,
      stdout: "",
      stderr: "There is no option --fix. npm run doctor -- --help lists the options.\n",
    });
    expect(run(["bin/doctor.ts", "now"])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('no "now"'),
    });
  });

  test("--json has the version and an id of each finding, the same in every language", () => {
    const english = JSON.parse(run(["bin/doctor.ts", "--json"], { SANDBOX: "off" }).stdout);
    const chinese = JSON.parse(run(["bin/doctor.ts", "--json"], { SANDBOX: "off", LANG: "zh_CN" }).stdout);
    const ids = ({ findings }: { findings: { id: string }[] }) => findings.map(({ id }) => id);
    expect(`${english.version}\n`).toMatch(VERSION);
    expect(ids(english)).toContain("data_folder.not_there_yet");
    expect(ids(english)).toContain("sandbox.off");
    for (const id of ids(english)) expect(id).toMatch(/^[a-z_]+(\.[a-z_]+)?$/);
    expect(ids(chinese)).toEqual(ids(english));
    expect(chinese.findings.find(({ id }: { id: string }) => id === "sandbox.off").message).toContain(
      "不受限制",
    );
  });

  test("a folder that cannot be made is found before the first start", () => {
    const parent = join(home, "closed");
    mkdirSync(parent);
    writeFileSync(join(home, "file"), "");
    chmodSync(home, 0o755);
    chmodSync(parent, 0o555);
    const check = pathToFileURL(join(ROOT, "bin/doctor/data-folder.ts")).href;
    // As root every folder can be written to, but for the rights of another user.
    const script = `
      import { checkDataFolder } from ${JSON.stringify(check)};
      if (process.getuid() === 0) process.setuid(65534);
      const found = [];
      for (const path of ["closed/a/b", "file/data"])
        found.push((await checkDataFolder(${JSON.stringify(`${home}/`)} + path))[0]);
      console.log(JSON.stringify(found));`;
    const [closed, file] = JSON.parse(run(["--input-type=module", "-e", script]).stdout);
    expect(closed).toMatchObject({ id: "data_folder.cannot_be_made", state: "failure" });
    expect(closed.message).toContain(`${parent} cannot be written`);
    expect(file).toMatchObject({ id: "data_folder.cannot_be_made", state: "failure" });
    chmodSync(parent, 0o755);
  });

  test("plugins that a server would skip are named with what is wrong", () => {
    const folder = join(home, "data", "plugins");
    mkdirSync(folder, { recursive: true });
    chmodSync(join(home, "data"), 0o700);
    writeFileSync(join(folder, "broken.mjs"), "export default {");
    writeFileSync(join(folder, "empty.ts"), "export const x = 1;");
    const { findings } = JSON.parse(run(["bin/doctor.ts", "--json"], { SANDBOX: "off" }).stdout);
    const skipped = findings.filter(({ id }: { id: string }) => id === "plugins.skipped");
    expect(skipped).toHaveLength(2);
    expect(skipped[1]).toMatchObject({
      state: "warning",
      message: "a plugin is skipped: empty.ts: it has no default export",
      fix: expect.stringContaining(join(folder, "empty.ts")),
    });
  });
});
