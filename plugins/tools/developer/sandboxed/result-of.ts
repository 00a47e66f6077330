// How a command or a script that ran in the sandbox is told; used by the tools that run one there.
import type { CommandResult, ToolContext, ToolResult } from "../../../../contracts/tools.ts";
import { isInside } from "../../../../lib/files/path-names.ts";

/** What starting and ending the command may add to its own time, in milliseconds. */
export const AROUND_MS = 5_000;

export type Ran = { timeout_s: number; cwd: string; isDefault: boolean; context: ToolContext };

/** What the model reads of a command that ran in the sandbox, and why it failed in words. */
export function resultOf(result: CommandResult, ran: Ran): ToolResult {
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
