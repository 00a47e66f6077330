// Stands in for the system's programs: answers what was recorded on a real machine, and writes down what was run.
import type { CommandResult, RunOptions } from "../../contracts/tools.ts";

type Recorded = string | Partial<CommandResult>;

/**
 * A context with commands only.
 * @param recorded by the beginning of the command line, the longest that fits; what is not there is no program (127)
 */
export function fakeCommands(recorded: Record<string, Recorded>) {
  const calls: { argv: string[]; options: RunOptions | undefined }[] = [];
  const run = async (argv: string[], options?: RunOptions): Promise<CommandResult> => {
    calls.push({ argv, options });
    const line = argv.join(" ");
    const [found] = Object.keys(recorded)
      .filter((beginning) => line.startsWith(beginning))
      .toSorted((one, other) => other.length - one.length);
    const said = found === undefined ? { exit_code: 127 } : recorded[found];
    return {
      exit_code: 0,
      signal: null,
      stdout: typeof said === "string" ? said : "",
      stderr: "",
      truncated: false,
      timed_out: false,
      ...(typeof said === "string" ? {} : said),
    };
  };
  return { calls, run, signal: new AbortController().signal };
}
