// The command line of `npm run audit`.
import { readFileSync } from "node:fs";
import { z } from "zod";
import type { AuditHead } from "../../lib/ports/audit.ts";
import { parseOptions } from "../terminal/parse-options.ts";
import { type Texts, textsFor } from "../terminal/texts.ts";

const OPTIONS = {
  head: { type: "string" },
  user: { type: "string" },
  run: { type: "string" },
  node: { type: "string" },
  chain: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

export type AuditArguments =
  | { command: "help" | "head" }
  /** `node`: a Mac whose own record is compared; `chain`: a file of that record. */
  | { command: "verify"; heads: AuditHead[]; node: string | undefined; chain: string | undefined }
  | { command: "show"; user: string | undefined; subject: string | undefined };

const heads = z.array(z.object({ writer: z.string(), seq: z.int().min(0), hash: z.string() }));

/** @throws Error in words for a person */
export function readArguments(argv: string[], texts: Texts = textsFor("en")): AuditArguments {
  const { audit } = texts;
  const { values, positionals } = parseOptions(argv, OPTIONS, texts, texts.audit.badOption);
  const [command, ...more] = positionals;
  if (values.help || command === undefined) return { command: "help" };
  if (more[0] !== undefined) throw new Error(`${audit.takesNo(command, more[0])}\n\n${audit.help}`);
  switch (command) {
    case "verify":
      if (values.chain !== undefined && values.node === undefined) throw new Error(audit.chainOfWhom);
      return {
        ...{ command, node: values.node, chain: values.chain },
        heads: values.head === undefined ? [] : readHeads(values.head, texts),
      };
    case "head":
      return { command };
    case "show":
      return { command, user: values.user, subject: values.run };
    default:
      throw new Error(`${audit.noCommand(command)}\n\n${audit.help}`);
  }
}

function readHeads(file: string, { audit }: Texts): AuditHead[] {
  try {
    return heads.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (thrown) {
    throw new Error(audit.notHeads(file, whyNot(thrown, audit)));
  }
}

/** Files and JSON have words of their own that tell a person little. */
function whyNot(thrown: unknown, audit: Texts["audit"]): string {
  const { code } = thrown as NodeJS.ErrnoException;
  if (code === "ENOENT") return audit.noFile;
  return code === undefined ? audit.noHeadList : audit.unreadable;
}
