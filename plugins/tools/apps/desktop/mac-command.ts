// How the tools of this folder run a command of macOS: with a locale in which it reads and writes UTF-8, and with an end that is told
// in words.
import type { CommandResult, RunOptions, ToolContext } from "../../../../contracts/tools.ts";
import { headOf } from "../../../../lib/cut-text.ts";
import { ToolFailure } from "../../../../lib/tools/tool-failure.ts";

/** `C.UTF-8` is not on every macOS, and without UTF-8 pbcopy and pbpaste take text for MacRoman. */
const UTF8 = { LANG: "en_US.UTF-8", LC_ALL: "en_US.UTF-8" };
const MOST_WORDS = 500;

export function runOnMac(
  { run, home }: Pick<ToolContext, "run" | "home">,
  argv: string[],
  options: Omit<RunOptions, "env" | "sandbox"> = {},
): Promise<CommandResult> {
  return run(argv, { cwd: home, ...options, env: UTF8 });
}

/** @throws ToolFailure `timeout` or `failed`, with what the command itself said, when it did not end well */
export function assertDone(result: CommandResult, what: string): void {
  const { exit_code, timed_out, stderr } = result;
  if (exit_code === 0 && !timed_out) return;
  if (timed_out) throw new ToolFailure("timeout", `${what} took too long and was ended.`);
  const said = headOf(stderr.trim(), MOST_WORDS);
  throw new ToolFailure("failed", said === "" ? `${what} did not work.` : `${what} did not work: ${said}`);
}
