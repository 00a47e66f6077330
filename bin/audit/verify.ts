// `audit verify`: reads the whole trail and says what is wrong with it.
import { type Seals, verifyAudit } from "../../lib/audit/chain.ts";
import type { AuditHead, AuditRows } from "../../lib/ports/audit.ts";
import { visibleText } from "../terminal/clean-text.ts";
import type { Texts } from "../terminal/texts.ts";

/** Faults that are named; of more, how many they are. */
const NAMED = 100;

/**
 * @param seals of the data folder; without them rows are only held against each other, which is a fault by itself
 * @returns the exit code: 0 when the trail is as it was written, 1 when it is not
 */
export async function verify(
  trail: AuditRows,
  exported: AuditHead[],
  { seals, texts: { audit, said } }: { seals: Seals | undefined; texts: Texts },
): Promise<0 | 1> {
  const { rows, heads, faults } = await verifyAudit(trail, exported, seals);
  if (!seals && rows > 0 && faults.length === 0) faults.push(audit.noKey);
  if (seals && rows === 0) faults.unshift(audit.emptied);
  if (faults.length > 0) {
    const more = faults.length > NAMED ? [audit.andMore(faults.length - NAMED)] : [];
    const lines = [...faults.slice(0, NAMED), ...more].map((fault) => `  ${said(fault)}\n`);
    process.stdout.write(`${audit.tampered}\n${visibleText(lines.join(""))}`);
    return 1;
  }
  const ends = heads.map(({ seq, hash }) => audit.end(seq, hash)).join("; ");
  process.stdout.write(`${audit.untouched(rows, ends)}\n`);
  if (exported.length === 0) process.stdout.write(`${audit.keepHead}\n`);
  return 0;
}
