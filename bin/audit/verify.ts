// `audit verify`: reads the whole trail and says what is wrong with it.
import { verifyAudit } from "../../lib/audit/chain.ts";
import type { Seals } from "../../lib/audit/seals.ts";
import type { AuditHead, AuditRows } from "../../lib/ports/audit.ts";
import { visibleText } from "../terminal/clean-text.ts";

/** Faults that are named; of more, how many they are. */
const NAMED = 100;
const NO_KEY =
  "there is no audit-key beside the database, so nobody can tell whose rows these are: it was removed (restore it), or no server with seals has been started here yet";

/**
 * @param seals of the data folder; without them rows are only held against each other, which is a fault by itself
 * @returns the exit code: 0 when the trail is as it was written, 1 when it is not
 */
export async function verify(
  trail: AuditRows,
  exported: AuditHead[],
  seals: Seals | undefined,
): Promise<0 | 1> {
  const { rows, heads, faults } = await verifyAudit(trail, exported, seals);
  if (!seals && rows > 0 && faults.length === 0) faults.push(NO_KEY);
  if (seals && rows === 0)
    faults.unshift("the trail is empty, and there is the key of one: its rows were removed");
  if (faults.length > 0) {
    const more = faults.length > NAMED ? [`and ${faults.length - NAMED} more`] : [];
    const lines = [...faults.slice(0, NAMED), ...more].map((fault) => `  ${fault}\n`);
    process.stdout.write(`The audit trail was tampered with:\n${visibleText(lines.join(""))}`);
    return 1;
  }
  const ends = heads.map(({ seq, hash }) => `row ${seq}, ${hash}`).join("; ");
  process.stdout.write(
    `The audit trail is untouched: ${rows} entries${ends ? `, the last is ${ends}` : ""}.\n`,
  );
  if (exported.length === 0)
    process.stdout.write(
      "Without a head that was kept elsewhere (audit head, then --head) an end that was cut off is not seen.\n",
    );
  return 0;
}
