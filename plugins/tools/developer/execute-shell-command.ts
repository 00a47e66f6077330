// execute_shell_command: the only tool that has a shell. Its command runs in the sandbox of the node.
import { existsSync } from "node:fs";
import { z } from "zod";
import type { CommandResult, ToolContext, ToolResult } from "../../../contracts/tools.ts";
import { problemOf } from "../../../lib/files/file-problem.ts";
import { isInside } from "../../../lib/files/path-names.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { makeFolder } from "../files/workspace/make-folder.ts";
import { openFolder } from "../files/workspace/open-place.ts";

/** The system takes 131,072 as one argument (execve(2), MAX_ARG_STRLEN). */
const MOST_BYTES = 120_000;
/** What starting and ending the command may add to its own time, in milliseconds. */
const AROUND_MS = 5_000;

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

/** The real path of the folder, or why nothing may run there. Where none is given it is made at the first use. */
async function folderToRunIn(given: string | undefined, context: ToolContext): Promise<string | ToolResult> {
  const path = given ?? context.workFolder;
  try {
    if (given === undefined) await makeFolder(context, path, true);
    const { directory } = await openFolder(context, path);
    await using held = directory;
    return held.path;
  } catch (thrown) {
    const problem = problemOf(thrown, path);
    if (!problem) throw thrown;
    return { ok: false, error: { code: problem.code, message: problem.message } };
  }
}

type Ran = { timeout_s: number; cwd: string; isDefault: boolean; context: ToolContext };

function resultOf(result: CommandResult, ran: Ran): ToolResult {
  const { exit_code, stdout, stderr, truncated } = result;
  // Relative paths of file tools start elsewhere then.
  const isElsewhere = ran.isDefault && ran.cwd !== ran.context.roots[0];
  const elsewhere = isElsewhere ? { data: { working_directory: ran.cwd } } : {};
  const output = { ...elsewhere, exit_code, stdout, stderr, truncated };
  if (exit_code === 0 && !result.timed_out) return { ok: true, ...output };
  return { ok: false, error: whyNot(result, ran), ...output };
}

function whyNot({ exit_code, signal, timed_out, stderr }: CommandResult, { timeout_s, context }: Ran) {
  if (timed_out)
    return {
      code: "timeout",
      message: `It did not end within ${timeout_s} s, so it was ended with all it started.`,
    };
  if (signal !== null) return { code: "killed", message: `It was ended by the signal ${signal}.` };
  const ended = `The command ended with exit code ${exit_code}.`;
  // What bash, Python and Node say of EROFS, and what macOS says.
  const denied = /read-only file system|EROFS|operation not permitted/i.test(stderr);
  return { code: "exit_code", message: denied ? `${ended} ${whatMayBeWritten(context)}` : ended };
}

function whatMayBeWritten({ roots, home, workFolder }: ToolContext): string {
  const places = roots.map((root) =>
    isInside(root, home)
      ? `${root} (of ${home} only in its sub-folders, in none that starts with a dot, and not in bin)`
      : root,
  );
  return `It may write only in ${places.join(", ")} and /tmp, and nowhere in MacJarvis' own folders. Use ${workFolder}, or set working_directory.`;
}
