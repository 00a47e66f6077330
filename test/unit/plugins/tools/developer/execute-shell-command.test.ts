import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { CommandResult, RunOptions } from "../../../../../contracts/tools.ts";
import executeShellCommand from "../../../../../plugins/tools/developer/execute-shell-command.ts";
import { type DeveloperContext, developerContext } from "./developer-context.ts";

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
});
afterEach(() => context.remove());

const execute = (args: Record<string, unknown>) =>
  executeShellCommand.execute(executeShellCommand.parameters.parse(args), context);

describe("execute_shell_command", () => {
  test("runs a command line and gives exit code and output", async () => {
    expect(await execute({ command: "echo a | tr a b; echo c >&2" })).toEqual({
      ok: true,
      exit_code: 0,
      stdout: "b\n",
      stderr: "c\n",
      truncated: false,
    });
  });

  test("another exit code than 0 is a failure that keeps the output", async () => {
    expect(await execute({ command: "echo half; exit 7" })).toMatchObject({
      ok: false,
      exit_code: 7,
      stdout: "half\n",
      error: { code: "exit_code", message: "The command ended with exit code 7." },
    });
  });

  test("G29 asks for the sandbox, live output and its time limit, in the first root", async () => {
    await execute({ command: "true", timeout_s: 7 });
    expect(asked[0]?.options).toEqual({ cwd: context.root, sandbox: true, live: true, timeoutMs: 7_000 });
    expect(asked[0]?.argv.slice(1)).toEqual(["-c", "--", "true"]);
  });

  test("a command that begins with a dash is a command, not an option of the shell", async () => {
    expect(await execute({ command: "-x; echo fine" })).toMatchObject({ stdout: "fine\n", exit_code: 0 });
    expect(await execute({ command: "--version" })).toMatchObject({ exit_code: 127 });
  });

  test("one that is longer than the system takes is refused before anything starts, in bytes and not in letters", async () => {
    expect(await execute({ command: `true #${"x".repeat(99_000)}` })).toMatchObject({ ok: true });
    const parsed = executeShellCommand.parameters.safeParse({ command: `true #${"é".repeat(99_000)}` });
    expect(parsed.error?.issues.map(({ message }) => message)).toEqual([
      expect.stringContaining("120000 bytes"),
    ]);
  });

  test("runs in the working directory it is given", async () => {
    expect(await execute({ command: "pwd", working_directory: "work" })).toMatchObject({
      stdout: `${context.root}/work\n`,
    });
  });

  test("G27 runs in no folder outside of the roots, no hidden one, and no link to one", async () => {
    await symlink("/", join(context.root, "out"));
    await symlink(join(context.root, "jarvis"), join(context.root, "in"));
    for (const working_directory of ["/", "..", "out", "jarvis", "in", "/proc/self"])
      expect({ working_directory, ...(await execute({ command: "pwd", working_directory })) }).toMatchObject({
        ok: false,
        error: { code: "not_allowed" },
      });
    expect(asked).toEqual([]);
  });

  test("a working directory that is not there is said", async () => {
    expect(await execute({ command: "pwd", working_directory: "none" })).toMatchObject({
      error: { code: "not_found" },
    });
  });

  test.each([
    ["timeout", { timed_out: true, exit_code: null, signal: "SIGTERM" }, "within 60 s"],
    ["killed", { timed_out: false, exit_code: null, signal: "SIGKILL" }, "SIGKILL"],
  ])("ended by %s, it says so", async (code, over, words) => {
    const result: CommandResult = { stdout: "so far", stderr: "", truncated: false, ...over };
    context.run = async () => result;
    expect(await execute({ command: "sleep 100" })).toMatchObject({
      ok: false,
      stdout: "so far",
      error: { code, message: expect.stringContaining(words) },
    });
  });

  test("may take no longer than 300 seconds, and its call a little longer than its command", () => {
    const { parameters, timeoutMs } = executeShellCommand;
    expect(parameters.safeParse({ command: "true", timeout_s: 301 }).success).toBe(false);
    expect(parameters.safeParse({ command: "true", shell: "zsh" }).success).toBe(false);
    const limit = typeof timeoutMs === "function" ? timeoutMs({ command: "true", timeout_s: 300 }) : 0;
    expect(limit).toBeGreaterThan(300_000);
    expect(limit).toBeLessThanOrEqual(310_000);
  });
});
