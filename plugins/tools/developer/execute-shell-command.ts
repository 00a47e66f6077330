// execute_shell_command: the only tool that has a shell. Its command runs in the sandbox of the node.
import { existsSync } from "node:fs";
import { z } from "zod";
import type { CommandResult, ToolContext, ToolResult } from "../../../contracts/tools.ts";
import { problemOf } from "../../../lib/files/file-problem.ts";
import { openFolder } from "../../../lib/files/open-place.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";

/** What starting and ending the command may add to its own time, in milliseconds. */
const AROUND_MS = 5_000;
/** The first allowed folder. */
const DEFAULT_FOLDER = ".";

export default defineTool({
  name: "execute_shell_command",
  description:
    "Runs a command line in a shell, in a sandbox: it may write in the allowed folders only (of the home folder in its sub-folders), has no network, and ends with everything it started. Gives exit code and output.",
  category: "developer",
  risk: "execute",
  runsOn: "node",
  runs: ({ command, working_directory = DEFAULT_FOLDER }) => ({ command, folder: working_directory }),
  timeoutMs: ({ timeout_s }) => timeout_s * 1_000 + AROUND_MS,
  parameters: z.strictObject({
    command: z.string().min(1).max(100_000).describe("The command line, as typed into a shell"),
    working_directory: z
      .string()
      .min(1)
      .max(4_096)
      .optional()
      .describe("Folder to run it in; the first allowed folder unless given"),
    timeout_s: z.int().min(1).max(300).default(60).describe("Seconds after which it is ended"),
  }),
  async execute({ command, working_directory, timeout_s }, context) {
    const cwd = await folderToRunIn(working_directory ?? DEFAULT_FOLDER, context);
    if (typeof cwd !== "string") return cwd;
    const shell = existsSync("/bin/bash") ? "/bin/bash" : "/bin/sh";
    const result = await context.run([shell, "-c", command], {
      cwd,
      sandbox: true,
      live: true,
      timeoutMs: timeout_s * 1_000,
    });
    return resultOf(result, timeout_s);
  },
});

/** The real path of the folder, or why nothing may run there. */
async function folderToRunIn(path: string, context: ToolContext): Promise<string | ToolResult> {
  try {
    const { directory } = await openFolder(context, path);
    await using held = directory;
    return held.path;
  } catch (thrown) {
    const problem = problemOf(thrown, path);
    if (!problem) throw thrown;
    return { ok: false, error: { code: problem.code, message: problem.message } };
  }
}

function resultOf(result: CommandResult, timeout_s: number): ToolResult {
  const { exit_code, stdout, stderr, truncated } = result;
  const output = { exit_code, stdout, stderr, truncated };
  if (exit_code === 0 && !result.timed_out) return { ok: true, ...output };
  return { ok: false, error: whyNot(result, timeout_s), ...output };
}

function whyNot({ exit_code, signal, timed_out }: CommandResult, timeout_s: number) {
  if (timed_out)
    return {
      code: "timeout",
      message: `It did not end within ${timeout_s} s, so it was ended with all it started.`,
    };
  if (signal !== null) return { code: "killed", message: `It was ended by the signal ${signal}.` };
  return { code: "exit_code", message: `The command ended with exit code ${exit_code}.` };
}
