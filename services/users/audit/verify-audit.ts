// Verifies the audit trail a part at a time, as `npm run audit -- verify` does as a whole: an admin's program asks until there is no
// `next_cursor`. Where the part before ended, with the hash that it has seen there, is in the cursor.
import { z } from "zod";
import type { Caller } from "../../../contracts/access.ts";
import type { AuditVerdict, verifyAuditParams } from "../../../contracts/audit.ts";
import { type Seals, verifyStretch } from "../../../lib/audit/chain.ts";
import { AppError } from "../../../lib/errors.ts";
import { auditAccount } from "../audit-account.ts";
import type { Rooms } from "../rooms.ts";

const ROWS_AT_ONCE = 5_000;
const NAMED = 100;
const place = z.tuple([z.string(), z.int(), z.int(), z.string()]);
const NO_KEY = "There is no key of the trail: no row can be told from a forged one.";

/**
 * The first part is told in the trail itself: with that this process sees the rows as they are on the disk now, also those that
 * somebody else has changed since it last wrote.
 * @throws invalid_request when the cursor is none
 */
export async function verifyAudit(
  rooms: Rooms,
  caller: Caller,
  { heads, cursor }: z.output<typeof verifyAuditParams>,
): Promise<AuditVerdict> {
  if (cursor === undefined) await auditAccount(rooms, caller.user_id, "audit.verified", caller);
  const { trail, seals } = rooms.ports.audit.reading;
  const kept = [...heads, ...(seals?.anchors ?? [])];
  const writers = [...new Set([...(await trail.writers()), ...kept.map(({ writer }) => writer)])].toSorted();
  const faults = cursor === undefined ? await trail.unreadableIn("besides") : [];
  if (cursor === undefined && !seals) faults.push(NO_KEY);
  const ended: AuditVerdict["heads"] = [];
  const from = cursor === undefined ? undefined : decode(cursor, writers);
  let rows = 0;
  for (const writer of writers.slice(from ? writers.indexOf(from.writer) : 0)) {
    const known = kept.filter((head) => head.writer === writer);
    const begin = from?.writer === writer ? from : undefined;
    const part = await verifyStretch(trail, writer, known, seals as Seals | undefined, {
      ...begin,
      most: ROWS_AT_ONCE - rows,
    });
    rows += part.rows;
    const last = part.isEnd ? null : part.after;
    const odd = await trail.unreadableIn({ writer, after: begin?.after ?? -Infinity, last });
    faults.push(...odd, ...part.faults);
    if (!part.isEnd) return verdictOf(rows, faults, ended, encode({ writer, ...part }));
    ended.push(part.head);
  }
  return verdictOf(rows, faults, ended, null);
}

function verdictOf(
  rows: number,
  faults: string[],
  heads: AuditVerdict["heads"],
  next_cursor: string | null,
): AuditVerdict {
  return { rows, fault_count: faults.length, faults: faults.slice(0, NAMED), heads, next_cursor };
}

type Place = { writer: string; after: number; head: AuditVerdict["heads"][number] };

function encode({ writer, after, head }: Place): string {
  return Buffer.from(JSON.stringify([writer, after, head.seq, head.hash])).toString("base64url");
}

function decode(cursor: string, writers: string[]): Place {
  try {
    const [writer, after, seq, hash] = place.parse(JSON.parse(Buffer.from(cursor, "base64url").toString()));
    if (writers.includes(writer)) return { writer, after, head: { writer, seq, hash } };
  } catch {
    // Said below.
  }
  throw new AppError("invalid_request", '"cursor" is not one that a list has given.', {
    errors: [{ path: "cursor", message: "take it from next_cursor" }],
  });
}
