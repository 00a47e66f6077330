// With whom a Mac is shared, and what of it.
import { z } from "zod";
import { nodeId, userId } from "./ids.ts";

/** Whom a Mac is shared with, by the address or the id of the account, and what of it. */
const whom = { email: z.string().trim().toLowerCase().min(3).max(320), user_id: userId };
const names = z.array(z.string().min(1).max(64)).min(1).max(100);
export const share = z
  .strictObject({
    email: whom.email.optional(),
    user_id: whom.user_id.optional(),
    tools: names.optional(),
    categories: names.optional(),
    risks: z
      .array(z.enum(["read", "write", "execute"]))
      .min(1)
      .max(3)
      .optional(),
    decision: z.enum(["allow", "deny"]),
  })
  .refine(
    ({ email, user_id }) => (email === undefined) !== (user_id === undefined),
    'must name somebody by "email" or by "user_id"',
  );
export type Share = z.output<typeof share>;
const MAX_SHARES = 100;
/** Replaces all that was shared of a Mac. */
export const shareParams = z.strictObject({ id: nodeId, grants: z.array(share).max(MAX_SHARES) });
