// The command line of `npm run migrate`.
import { parseOptions } from "../terminal/parse-options.ts";
import type { Texts } from "../terminal/texts.ts";

const OPTIONS = {
  to: { type: "string" },
  "dry-run": { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

export type MigrateArguments = { dryRun: boolean; help: boolean };

/** @throws Error in words: a move is begun only by whoever has said where to */
export function readArguments(argv: string[], texts: Texts): MigrateArguments {
  const { migrate } = texts;
  const { values, positionals } = parseOptions(argv, OPTIONS, texts, migrate.badOption);
  if (positionals[0] !== undefined) throw new Error(migrate.noArguments(positionals[0]));
  if (values.help) return { dryRun: false, help: true };
  if (values.to !== "cluster") throw new Error(migrate.whereTo);
  return { dryRun: values["dry-run"] === true, help: false };
}
