// The record that a Mac keeps of the calls it ran: a chain of hashes, each entry signed with the Mac's key. Its head comes with each
// outcome and stands in the server's audit trail, so that neither side can change what happened without the other (docs/audit.md).
import { z } from "zod";
import { boundedList } from "./bounded-list.ts";
import { nodeId } from "./ids.ts";

/** SHA-256 in hex. */
const sha = z.string().regex(/^[0-9a-f]{64}$/, "must be 64 hex digits");
const word = z.string().max(200);
const place = {
  /** From 1, without gaps. */
  seq: z.int().min(1),
  /** The hash of the entry before it; zeros before the first. */
  previous: sha,
  /** Epoch milliseconds by the Mac's clock. */
  at: z.number(),
};
const seal = {
  hash: sha,
  /** Ed25519 by the Mac's key, base64url. */
  signature: z.string().max(100),
};

/** A call begins. `grant` and `args`: hashes of the grant's claims (lib/edge/grants.ts) and of the arguments (canonical JSON). */
const begun = z.strictObject({
  ...{ kind: z.literal("begun"), grant: sha, call_id: word, run_id: word, tool: word, args: sha },
  ...{ user_id: word, attempt: z.number() },
});
/** It has ended. `result`: the hash of the result; `output`: of what it printed while it ran (`<stream>:<text>` of each piece). */
const ended = z.strictObject({
  ...{ kind: z.literal("ended"), call_id: word, status: word, result: sha, output: sha },
});
export type ChainFact = z.infer<typeof begun> | z.infer<typeof ended>;
export const chainEntry = z.discriminatedUnion("kind", [
  begun.extend({ ...place, ...seal }),
  ended.extend({ ...place, ...seal }),
]);
export type ChainEntry = z.infer<typeof chainEntry>;

/** The end of the chain as it was when a call had ended. */
export const nodeHead = z.strictObject({ seq: place.seq, ...seal });
export type NodeHead = z.infer<typeof nodeHead>;

export const MOST_ENTRIES = 200;
/** Parameters of `node.chain`. */
export const nodeChainParams = z.strictObject({
  from: z.int().min(1),
  limit: z.int().min(1).max(MOST_ENTRIES),
});
/** Parameters of `tools.chain`, also as a query says them. */
export const chainParams = z.strictObject({
  id: nodeId,
  from: z.coerce.number().int().min(1).default(1),
  limit: z.coerce.number().int().min(1).max(MOST_ENTRIES).default(MOST_ENTRIES),
});
/** A part of the chain. `first`: the oldest that is kept; both 0 where there is none. `last`: the newest. */
export const chainPart = z.object({
  first: z.int().min(0),
  last: z.int().min(0),
  entries: boundedList(chainEntry, MOST_ENTRIES),
});
export type ChainPart = z.infer<typeof chainPart>;

/** Parameters of `nodes.keepHead`. */
export const keepHeadParams = z.strictObject({ node_id: nodeId, head: nodeHead });
/**
 * What becomes of a head. `refused`: no honest Mac says it; `why` in words. `behind`: older than the newest one, `last`, as of calls that
 * ran at once, and of a Mac whose record was put back.
 */
export type KeptHead =
  | { state: "kept" }
  | { state: "behind"; last: { seq: number; hash: string } }
  | { state: "refused"; why: string };
/** Parameters of `nodes.distrust`. */
export const distrustParams = z.strictObject({ node_id: nodeId, why: z.string().max(500) });
