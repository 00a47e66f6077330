// The command line of `npm run audit`.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { z } from "zod";
import { toError } from "../../lib/errors.ts";
import type { AuditHead } from "../../lib/ports/audit.ts";

export type AuditArguments =
  | { command: "help" | "head" }
  | { command: "verify"; heads: AuditHead[] }
  | { command: "show"; user: string | undefined; subject: string | undefined };

export const HELP = `npm run --silent audit -- verify [--head <file>]   whether any entry was changed, removed or moved
npm run --silent audit -- head                     the end of the trail, to be kept elsewhere
npm run --silent audit -- show [--user <id>] [--run <id>]   the entries, one JSON object a line

The trail is the one of MACJARVIS_HOME; the server may be running.
verify alone finds a changed, removed, moved or added entry, by the key in audit-key. With a head that was kept on another machine it also finds a trail
whose end was cut off, or that was written anew. Exit code: 0 untouched, 1 tampered with, 2 it could not be read.
`;

const heads = z.array(z.object({ writer: z.string(), seq: z.int().min(0), hash: z.string() }));

/** @throws Error in words for a person */
export function readArguments(argv: string[]): AuditArguments {
  const { values, positionals } = parse(argv);
  const [command, ...more] = positionals;
  if (values.help || command === undefined) return { command: "help" };
  if (more.length > 0) throw new Error(`audit ${command} takes no "${more[0]}".\n\n${HELP}`);
  switch (command) {
    case "verify":
      return { command, heads: values.head === undefined ? [] : readHeads(values.head) };
    case "head":
      return { command };
    case "show":
      return { command, user: values.user, subject: values.run };
    default:
      throw new Error(`There is no audit command "${command}".\n\n${HELP}`);
  }
}

function parse(argv: string[]) {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args: argv,
      allowPositionals: true,
      options: { head: text, user: text, run: text, help: { type: "boolean", short: "h" } },
    });
  } catch (thrown) {
    throw new Error(`${toError(thrown).message}\n\n${HELP}`);
  }
}

function readHeads(file: string): AuditHead[] {
  try {
    return heads.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (thrown) {
    const why = thrown instanceof z.ZodError ? "it is no list of heads" : toError(thrown).message;
    throw new Error(`${file} is not what "npm run --silent audit -- head" has written: ${why}`);
  }
}
