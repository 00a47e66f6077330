// Linux has several programs for the same thing; the first one that is installed does it.
import type { CommandResult } from "../../../../contracts/tools.ts";
import { ToolFailure } from "../../../../lib/tools/tool-failure.ts";

const NOT_THERE = 127;

/**
 * The result of the first command whose program is there.
 * @param packages what to install where none is
 * @throws ToolFailure `program_missing`
 */
export async function firstThere(
  commands: string[][],
  packages: string,
  run: (argv: string[]) => Promise<CommandResult>,
): Promise<CommandResult> {
  for (const argv of commands) {
    const result = await run(argv);
    if (result.exit_code !== NOT_THERE) return result;
  }
  throw programMissing(
    commands.map(([program = ""]) => program),
    packages,
  );
}

export function programMissing(programs: string[], packages: string): ToolFailure {
  const names = programs.join(" nor ");
  return new ToolFailure(
    "program_missing",
    `${programs.length > 1 ? "Neither " : ""}${names} is ${programs.length > 1 ? "" : "not "}installed on this machine: install ${packages}.`,
  );
}
