// `audit show`: the entries as JSON lines, for people and for grep and jq.
import { once } from "node:events";
import { allRows } from "../../lib/audit/chain.ts";
import type { AuditRow, AuditRows } from "../../lib/ports/audit.ts";
import { visibleText } from "../terminal/clean-text.ts";

type Wanted = { user: string | undefined; subject: string | undefined };

/** @param wanted a user's entries are those about it and those of what it did to others */
export async function show(trail: AuditRows, { user, subject }: Wanted): Promise<void> {
  // Who only wanted the first lines has them.
  process.stdout.once("error", () => process.exit());
  const isWanted = (row: AuditRow) =>
    (user === undefined || row.user_id === user || row.details.includes(`"by":"${user}"`)) &&
    (subject === undefined || row.subject === subject);
  for (const writer of await trail.writers())
    for await (const row of allRows(trail, writer)) if (isWanted(row)) await print(row);
}

async function print({ details, ...row }: AuditRow): Promise<void> {
  const line = JSON.stringify({ ...row, details: parsed(details) });
  // Names come from models, too: nothing may drive the terminal.
  if (!process.stdout.write(`${visibleText(line)}\n`)) await once(process.stdout, "drain");
}

/** Details that somebody has broken are shown as they are. */
function parsed(details: string): unknown {
  try {
    return JSON.parse(details);
  } catch {
    return details;
  }
}
