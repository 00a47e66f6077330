// The audit trail as admins read and verify it over HTTP; parameters of those actions (docs/audit.md).
import { z } from "zod";
import type * as answers from "./answers/audit.ts";
import { wholeNumber } from "./whole-number.ts";

export type AuditPage = answers.AuditPage;
export type AuditVerdict = answers.AuditVerdict;

const word = z.string().min(1).max(200);
/** As the rows have it, so that texts compare as times do. */
const instant = z.iso.datetime().transform((text) => new Date(text).toISOString());
/** A position in chains that grow: larger than that of any page. */
const cursor = z.string().min(1).max(16_000);

/**
 * Parameters of `users.adminAudit`: newest first. `user`: entries about it, and of what it did to others. `kind`: what an entry is called, or
 * begins with up to a dot (`call`, `call.sent`). `node`: calls on it and what was done to it. `q`: a part of an entry, in any case.
 */
export const auditParams = z.strictObject({
  user: word.optional(),
  kind: word.optional(),
  node: word.optional(),
  subject: word.optional(),
  from: instant.optional(),
  to: instant.optional(),
  q: word.optional(),
  limit: wholeNumber(1, 200, 50),
  cursor: cursor.optional(),
});

/** Parameters of `users.verifyAudit`: a part at a time, each from the `next_cursor` of the one before. `heads`: kept elsewhere, in each part. */
export const verifyAuditParams = z.strictObject({
  heads: z
    .array(
      z.strictObject({
        writer: word,
        seq: z.int().min(0),
        hash: z.string().regex(/^[0-9a-f]{64}$/, "must be 64 hex digits"),
      }),
    )
    .max(100)
    .default([]),
  cursor: cursor.optional(),
});
