// `audit verify`: reads the whole trail and says what is wrong with it.
import { verifyAudit } from "../../lib/audit/chain.ts";
import type { AuditHead, AuditRows } from "../../lib/ports/audit.ts";
import { visibleText } from "../terminal/clean-text.ts";

/** Faults that are named; of more, how many they are. */
const NAMED = 100;

/** @returns the exit code: 0 when the trail is as it was written, 1 when it is not */
export async function verify(trail: AuditRows, exported: AuditHead[]): Promise<0 | 1> {
  const { rows, heads, faults } = await verifyAudit(trail, exported);
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
