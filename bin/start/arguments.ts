// The command line of `npm start`: settings are environment variables, so there is little of it.
import { parseOptions } from "../terminal/parse-options.ts";
import { type Texts, textsFor } from "../terminal/texts.ts";

const OPTIONS = {
  repl: { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "V" },
} as const;

export type StartArguments = { repl: boolean; help: boolean; version: boolean };

/** @throws Error in words: what is not understood must not start a server as if it were not there */
export function readArguments(argv: string[], texts: Texts = textsFor("en")): StartArguments {
  const { values, positionals } = parseOptions(argv, OPTIONS, texts, texts.start.badOption);
  if (positionals[0] !== undefined) throw new Error(texts.start.noArguments(positionals[0]));
  return { repl: values.repl === true, help: values.help === true, version: values.version === true };
}
