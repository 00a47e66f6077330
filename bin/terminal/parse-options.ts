// What is wrong with a command line, in one sentence and in the person's language: Node's own words are English, long, and advise
// what does not fit npm.
import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { toError } from "../../lib/errors.ts";
import type { Texts } from "./texts.ts";

/**
 * The options and positionals of a command line.
 * @param badOption words of the command for a fault
 * @throws Error in the person's language
 */
export function parseOptions<const Options extends ParseArgsOptionsConfig>(
  args: string[],
  options: Options,
  texts: Texts,
  badOption: (fault: string) => string,
) {
  try {
    return parseArgs({ args, allowPositionals: true, options });
  } catch (thrown) {
    throw new Error(badOption(faultOfArguments(thrown, texts)));
  }
}

/** @param thrown by `parseArgs` */
export function faultOfArguments(thrown: unknown, { commandLine }: Texts): string {
  const { message } = toError(thrown);
  const option = /'((?:-\w, )?--?[^'\s]+)/.exec(message)?.[1] ?? "";
  switch ((thrown as { code?: string }).code) {
    case "ERR_PARSE_ARGS_UNKNOWN_OPTION":
      return commandLine.unknownOption(option);
    case "ERR_PARSE_ARGS_INVALID_OPTION_VALUE":
      return /does not take/.test(message)
        ? commandLine.takesNoValue(option)
        : commandLine.needsValue(option);
    default:
      return (message.split(". ")[0] ?? "").replaceAll("\n", " ").replace(/\.$/, "");
  }
}
