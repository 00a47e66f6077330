// The audit trail as admins see it.
import { z } from "zod";
import { count, nextCursor, time } from "./basics.ts";

const auditEntry = z.strictObject({
  /** Whose chain it stands in: a process of the server. */
  writer: z.string(),
  seq: z.int(),
  at: z.string(),
  subject: z.string(),
  entry: z.string(),
  user_id: z.string(),
  /** As JSON; a text where somebody has broken it. */
  details: z.unknown(),
  hash: z.string(),
});

/** Perhaps none although there are more: a page looks at so many rows, back to `looked_to`, and goes on with `next_cursor`. */
export const auditPage = z.strictObject({
  entries: z.array(auditEntry),
  looked_at: count,
  looked_to: time.nullable(),
  next_cursor: nextCursor,
});
export type AuditPage = z.infer<typeof auditPage>;

const head = z.strictObject({ writer: z.string(), seq: z.int(), hash: z.string() });

/** Of a part; the trail is as it was written when no part has faults. `heads`: ends of the chains that end in this part. */
export const auditVerdict = z.strictObject({
  rows: count,
  fault_count: count,
  /** In words, the first hundred. */
  faults: z.array(z.string()),
  heads: z.array(head),
  next_cursor: nextCursor,
});
export type AuditVerdict = z.infer<typeof auditVerdict>;
