// Rules of a user for tool calls: what is allowed, asked about and denied.
import { z } from "zod";
import { hostPattern } from "./hosts.ts";
import { nodeId, sessionId } from "./ids.ts";

/** What a rule says to a call. */
export const decision = z.enum(["allow", "ask", "deny"]);
export type Decision = z.infer<typeof decision>;
export const policyRule = z.strictObject({
  tool: z.string().max(100).optional(),
  category: z.string().max(100).optional(),
  risk: z.enum(["read", "write", "execute"]).optional(),
  node_id: nodeId.optional(),
  /** Where a call sends data: `example.com`, `*.example.com`, or `*`. */
  host: hostPattern.optional(),
  /** SHA-256 of the exact arguments: made by "always" for an `execute` tool. */
  args_hash: z.string().length(64).optional(),
  /** SHA-256 of what those arguments meant on the node, made with `args_hash`: a script that was changed is asked about anew. */
  bound_hash: z.string().length(64).optional(),
  /** Only in this session: made by "session". */
  session_id: sessionId.optional(),
  /** What it is about (its tool, its category) is not there yet and comes later; without it a name that nothing has is refused. */
  pending: z.boolean().optional(),
  decision,
});
/** Conditions that must all hold for a call, and what then becomes of it. */
export type PolicyRule = z.infer<typeof policyRule>;
/** Where a rule comes from that an answer has made: when (ISO 8601), and the call that was asked about. */
export type Remembered = { remembered_at: string; remembered_from: string };
/** `says`: in words, what the rule allows, asks about or denies. */
export type ShownRule = PolicyRule & { says: string } & Partial<Remembered>;
/** Rules of one user, remembered answers included. */
export const MAX_RULES = 500;
const writtenRule = policyRule
  // As GET gives it, so that what was read can be written back. What the words say is made from the rule, and what was remembered only the
  // server knows: it stays with a rule that is as it was.
  .extend({
    says: z.string().max(5_000).optional(),
    remembered_at: z.string().max(40).optional(),
    remembered_from: z.string().max(100).optional(),
  })
  .transform(({ says: _says, remembered_at: _at, remembered_from: _from, ...rule }): PolicyRule => rule);
/** Parameters of `tools.setPolicy`: all rules of the user. */
export const policyParams = z.strictObject({ rules: z.array(writtenRule).max(MAX_RULES) });
