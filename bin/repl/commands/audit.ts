// Whether anybody has changed the audit trail (docs/audit.md).
import { verifyAudit } from "../../../lib/audit/chain.ts";
import { visibleLine } from "../../terminal/clean-text.ts";
import type { Command } from "../room.ts";

/** Faults that are named; of more, how many they are. */
const NAMED = 100;

const verify: Command = {
  name: "audit verify",
  async run({ openTrail }, { texts: { audit, said } }) {
    const { trail, seals, close } = openTrail();
    const { rows, heads, faults } = await verifyAudit(trail, [], seals).finally(close);
    if (!seals && rows > 0 && faults.length === 0) faults.push(audit.noKey);
    const isWell = faults.length === 0;
    return {
      json: { untouched: isWell, rows, heads, faults: faults.slice(0, NAMED) },
      failed: !isWell,
      show(screen) {
        if (isWell) return screen.write(`${audit.untouched(rows, "")}\n`);
        screen.write(`${audit.tampered}\n`);
        for (const fault of faults.slice(0, NAMED)) screen.write(`  ${visibleLine(said(fault))}\n`);
        if (faults.length > NAMED) screen.write(`  ${audit.andMore(faults.length - NAMED)}\n`);
      },
    };
  },
};

export const AUDIT_COMMANDS = [verify];
