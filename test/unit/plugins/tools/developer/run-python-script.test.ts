import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { CommandResult, RunOptions } from "../../../../../contracts/tools.ts";
import { bind } from "../../../../../mac-node/binding/bind.ts";
import { findPython } from "../../../../../plugins/tools/developer/python/find-python.ts";
import runPythonScript from "../../../../../plugins/tools/developer/run-python-script.ts";
import { fakeCommands } from "../../../../support/fake-commands.ts";
import { testUnless, without } from "../../../../support/unless.ts";
import { type DeveloperContext, developerContext } from "./developer-context.ts";

const noPython = without("/usr/bin/python3", ["--version"], "no script can be run");

let context: DeveloperContext;
let asked: { argv: string[]; options: RunOptions | undefined }[];
beforeEach(async () => {
  context = await developerContext();
  asked = [];
  const { run } = context;
  context.run = (argv, options) => {
    asked.push({ argv, options });
    return run(argv, options);
  };
  await mkdir(join(context.root, "work"));
  await script("hello.py", "import sys, os\nprint(os.getcwd(), sys.argv[1:])\n");
});
afterEach(() => context.remove());

const script = (name: string, text: string) => writeFile(join(context.root, name), text);
const execute = (args: Record<string, unknown>) =>
  runPythonScript.execute(runPythonScript.parameters.parse(args), context);

describe("run_python_script", () => {
  testUnless(noPython)("runs a script with its arguments as they are", async () => {
    const args = ["a b", "$(id)", "; rm -rf /", "--flag", "", "é"];
    expect(await execute({ path: "hello.py", args })).toEqual({
      ok: true,
      exit_code: 0,
      stdout: `${context.root} ['a b', '$(id)', '; rm -rf /', '--flag', '', 'é']\n`,
      stderr: "",
      truncated: false,
    });
    expect(await readdir(context.root)).not.toContain("__pycache__");
  });

  testUnless(noPython)(
    "another exit code than 0, and an exception, is a failure that keeps the output",
    async () => {
      await script("fails.py", "print('half')\nraise SystemExit(7)\n");
      expect(await execute({ path: "fails.py" })).toMatchObject({
        ok: false,
        exit_code: 7,
        stdout: "half\n",
        error: { code: "exit_code" },
      });
      await script("throws.py", "1/0\n");
      expect(await execute({ path: "throws.py" })).toMatchObject({
        ok: false,
        exit_code: 1,
        stderr: expect.stringContaining("ZeroDivisionError"),
      });
    },
  );

  test("G29 asks for the sandbox, live output and a limit of time, in the folder for commands or the one it is given", async () => {
    context.run = async (argv, options) => {
      asked.push({ argv, options });
      return fakeCommands({ "": "" }).run(argv, options);
    };
    await execute({ path: "hello.py" });
    await execute({ path: "hello.py", working_directory: "work", args: ["x"] });
    const [first, second] = asked.filter(({ argv }) => argv[0]?.endsWith("python3"));
    expect(first?.argv.slice(1)).toEqual([join(context.root, "hello.py")]);
    expect(first?.options).toMatchObject({
      cwd: context.root,
      sandbox: true,
      live: true,
      timeoutMs: 300_000,
    });
    expect([second?.options?.cwd, second?.argv.at(-1)]).toEqual([join(context.root, "work"), "x"]);
  });

  test("G27 runs no script and in no folder outside of the roots, hidden, or behind a link to one; nothing starts then", async () => {
    await symlink("/usr/bin/python3", join(context.root, "out"));
    await script("jarvis/own.py", "");
    await symlink(join(context.root, "jarvis"), join(context.root, "in"));
    for (const path of ["/etc/passwd", "../x.py", "out", "jarvis/own.py", "in/own.py", "/proc/self/exe"])
      expect({ path, ...(await execute({ path })) }).toMatchObject({ error: { code: "not_allowed" } });
    for (const working_directory of ["/", "..", "jarvis", "in"])
      expect(await execute({ path: "hello.py", working_directory })).toMatchObject({
        error: { code: "not_allowed" },
      });
    expect(await execute({ path: "none.py" })).toMatchObject({ error: { code: "not_found" } });
    expect(await execute({ path: "work" })).toMatchObject({ error: { code: "is_directory" } });
    expect(asked).toEqual([]);
  });

  test("ended at its limit it says so", async () => {
    const ended: CommandResult = {
      exit_code: null,
      signal: "SIGTERM",
      stdout: "so far",
      stderr: "",
      truncated: false,
      timed_out: true,
    };
    context.run = async () => ended;
    expect(await execute({ path: "hello.py" })).toMatchObject({
      ok: false,
      stdout: "so far",
      error: { code: "timeout", message: expect.stringContaining("300 s") },
    });
  });

  test("refuses arguments that do not fit", () => {
    const fits = (args: object) => runPythonScript.parameters.safeParse({ path: "x.py", ...args }).success;
    expect(fits({})).toBe(true);
    for (const args of [
      { path: "" },
      { args: "x" },
      { args: Array(101).fill("x") },
      { args: Array(6).fill("é".repeat(10_000)) },
      { stdin: "x" },
      { timeout_s: 5 },
    ])
      expect(fits(args)).toBe(false);
  });
});

describe("G6 an answer about a script", () => {
  const settings = () => ({
    access: context,
    userHome: context.root,
    workFolder: context.root,
    stray: () => undefined,
  });
  const scriptsOf = async (args: Record<string, unknown>) => {
    const { scripts, places } = await bind(
      runPythonScript,
      runPythonScript.parameters.parse(args),
      settings(),
    );
    return {
      scripts: scripts.map(({ path, sha256 }) => [path.slice(context.root.length + 1), sha256]),
      places,
    };
  };

  test("is bound to its content, wherever it lies and whatever it is called", async () => {
    await script("work/tool", "print(1)\n");
    for (const path of ["work/tool", "./work/tool", join(context.root, "work/tool"), "~/work/tool"]) {
      context.home = context.root;
      const before = await scriptsOf({ path });
      expect(before.scripts).toEqual([["work/tool", expect.any(String)]]);
      await script("work/tool", `print(${JSON.stringify(path)})\n`);
      expect((await scriptsOf({ path })).scripts).not.toEqual(before.scripts);
    }
  });

  test("is bound to a script that an argument names, and to where its working directory leads", async () => {
    await script("work/other.py", "print(2)\n");
    const { scripts, places } = await scriptsOf({
      path: "hello.py",
      args: [join(context.root, "work/other.py")],
      working_directory: "work",
    });
    expect(scripts.map(([path]) => path)).toEqual(["hello.py", "work/other.py"]);
    expect(places.map(({ path }) => path)).toEqual(expect.arrayContaining(["hello.py", "work"]));
  });
});

describe("the Python that runs scripts", () => {
  const find = (
    there: string[],
    platform: NodeJS.Platform,
    xcode: string | { exit_code: number } = TOOLS,
  ) => {
    const commands = fakeCommands({ "/usr/bin/xcode-select -p": xcode });
    return { calls: commands.calls, python: findPython(commands, platform, (path) => there.includes(path)) };
  };
  const TOOLS = "/Library/Developer/CommandLineTools\n";
  const XCODE = "/Applications/Xcode.app/Contents/Developer\n";
  const apples = (folder: string) => `${folder.trim()}/usr/bin/python3`;

  test("is on a Mac Homebrew's, else the one in Apple's tools", async () => {
    const there = ["/opt/homebrew/bin/python3", "/usr/bin/python3", apples(TOOLS), apples(XCODE)];
    expect(await find(there, "darwin").python).toBe("/opt/homebrew/bin/python3");
    expect(await find(there.slice(1), "darwin").python).toBe(apples(TOOLS));
    expect(await find(there.slice(1), "darwin", XCODE).python).toBe(apples(XCODE));
  });

  test("is never the placeholder of macOS, which would open a window", async () => {
    for (const xcode of [{ exit_code: 2 }, "", TOOLS]) {
      const none = find(["/usr/bin/python3"], "darwin", xcode);
      await expect(none.python).rejects.toMatchObject({
        code: "python_missing",
        message: expect.stringContaining("xcode-select --install"),
      });
      expect(none.calls.map(({ argv }) => argv)).toEqual([["/usr/bin/xcode-select", "-p"]]);
    }
  });

  test("is the system's on Linux, and one that is missing is named with its package", async () => {
    expect(await find(["/usr/bin/python3"], "linux").python).toBe("/usr/bin/python3");
    await expect(find([], "linux").python).rejects.toMatchObject({
      code: "python_missing",
      message: expect.stringContaining("package python3"),
    });
  });
});
