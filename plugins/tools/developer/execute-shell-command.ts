// execute_shell_command: the only tool that has a shell. Its command runs in the sandbox of the node.
import { existsSync } from "node:fs";
import { z } from "zod";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { folderToRunIn } from "./sandboxed/folder-to-run-in.ts";
import { AROUND_MS, resultOf } from "./sandboxed/result-of.ts";

/** The system takes 131,072 as one argument (execve(2), MAX_ARG_STRLEN). */
const MOST_BYTES = 120_000;

export default defineTool({
  name: "execute_shell_command",
  description:
    "Runs a command line in a shell, in a sandbox. It starts in the first allowed folder, or where that is the home folder in ~/MacJarvis (`working_directory` says so). It may write in the allowed folders only: of the home folder in its sub-folders, not directly in it and in none that starts with a dot; /tmp is its own and gone afterwards. It has no network, and ends with everything it started. Gives exit code and output.",
  category: "developer",
  risk: "execute",
  runsOn: "node",
  runs: ({ command, working_directory }) => ({ command, folder: working_directory }),
  timeoutMs: ({ timeout_s }) => timeout_s * 1_000 + AROUND_MS,
  parameters: z.strictObject({
    command: z
      .string()
      .min(1)
      .max(100_000)
      .refine(
        (command) => Buffer.byteLength(command) <= MOST_BYTES,
        `must have no more than ${MOST_BYTES} bytes: put a longer script into a file and run that`,
      )
      .describe("The command line, as typed into a shell"),
    working_directory: z
      .string()
      .min(1)
      .max(4_096)
      .optional()
      .describe("Folder to run it in, if not the one it starts in"),
    timeout_s: z.int().min(1).max(300).default(60).describe("Seconds after which it is ended"),
  }),
  async execute({ command, working_directory, timeout_s }, context) {
    const cwd = await folderToRunIn(working_directory, context);
    if (typeof cwd !== "string") return cwd;
    const shell = existsSync("/bin/bash") ? "/bin/bash" : "/bin/sh";
    // `--`: a command that begins with a dash is no option.
    const result = await context.run([shell, "-c", "--", command], {
      cwd,
      sandbox: true,
      live: true,
      timeoutMs: timeout_s * 1_000,
    });
    return resultOf(result, { timeout_s, cwd, isDefault: working_directory === undefined, context });
  },
});
