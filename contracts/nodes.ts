// Nodes as clients see them; parameters of the `nodes` actions. What a Mac itself says and asks over HTTPS is in pairing.ts.
import { z } from "zod";
import type * as answers from "./answers/nodes.ts";
import { type NodeId, nodeId, pairingId, userId } from "./ids.ts";
import { labels } from "./labels.ts";
import { macDescription } from "./mac-description.ts";
import { macVitals } from "./mac-vitals.ts";
import type { Risk } from "./run-events.ts";
import type { NodeDescription } from "./tools.ts";
import { wholeNumber } from "./whole-number.ts";

export type Node = answers.Node;
export type Pairing = answers.Pairing;

export type AdminNode = answers.AdminNode;
export type CoreProcess = answers.CoreProcess;

/** Who keeps a machine frozen: whoever sits at the Mac; its owner (an admin, of a machine of the core); an admin, all machines. */
export type FrozenBy = "mac" | "owner" | "admin";
/** What becomes of freezing and thawing all machines. */
export type AllFrozen = { frozen: boolean; frozen_since: string | null };
/** `since`: ISO 8601, the earliest. */
export type Frozen = { since: string; by: FrozenBy[] };

/** How calls get to a machine: to the process of the core that serves it, or through a hub; `server`: to no machine, the server runs it. */
export type Way = { kind: "process"; process: string } | { kind: "edge" } | { kind: "server" };
/**
 * What is shared of a Mac: the tools with one of these names, of one of these categories and of one of these risks, as far as each is
 * given. What no grant allows is denied, and what one denies no other one allows.
 */
export type Grant = { decision: "allow" | "deny"; tools?: string[]; categories?: string[]; risks?: Risk[] };
/**
 * A machine that somebody may use, with what it can do. `way` is null while it is away: then that is what it said last. `is_own`: a
 * Mac of the caller's. `allows`: what of its tools the caller may use.
 */
export type UsableNode = NodeDescription & {
  id: NodeId;
  name: string;
  labels: Record<string, string>;
  way: Way | null;
  is_own: boolean;
  allows: "all" | Grant[];
  /** As in `Node`. */
  load?: number;
  /** It runs nothing now. */
  frozen?: Frozen;
};

/** A machine as the model is told of it. */
export type OfferedNode = Pick<UsableNode, "id" | "name" | "platform" | "labels"> & { connected: boolean };

export const nodeParams = z.strictObject({ id: nodeId });
/** Parameters of `nodes.adminList`. @param user_id of this user only */
export const adminListNodesParams = z.strictObject({
  user_id: userId.optional(),
  limit: wholeNumber(1, 100, 50),
  cursor: z.string().max(200).optional(),
});
export const updateNodeParams = z.strictObject({
  id: nodeId,
  name: z.string().trim().min(1).max(100).optional(),
  labels: labels.optional(),
});
/** The machines that the caller may use: all, or one of them. */
export const usableParams = z.strictObject({ node_id: nodeId.optional() });
/** Parameters of `nodes.way`. */
export const wayParams = z.strictObject({ node_id: nodeId });
/** Parameters of `nodes.freezes`. */
export const freezesParams = z.strictObject({ node_ids: z.array(nodeId).max(100_000) });
/** What a machine is told of its freezing from the server; `changed_at` (epoch milliseconds) grows with each change. */
export type ToldFreeze = { node_id: NodeId; frozen: boolean; changed_at: number };
/** A process of a Mac that a hub hears: parameters of `nodes.lose`. */
export const macProcess = z.strictObject({ node_id: nodeId, instance: z.string().min(1).max(100) });
export type MacProcess = z.output<typeof macProcess>;
/**
 * Parameters of `nodes.meet`. `journal`: which one the process writes, and its number among those that have (lib/edge/journal-claim.ts);
 * of one that does not prove it, none.
 */
export const meetParams = macProcess.extend({
  journal: z.strictObject({ key: z.string().max(60), start: z.int().min(1) }).optional(),
});
/** `journal_since`: since when (epoch milliseconds) all that the Mac's processes have run stands in the journal of this one. */
export type Met = { accepted: boolean; journal_since: number };
/** One that is still heard, with what its heartbeat has said last. */
const seenMac = macProcess.extend(macVitals);
export type SeenMac = z.output<typeof seenMac>;
/** Parameters of `nodes.see`. */
export const seeParams = z.strictObject({ macs: z.array(seenMac).max(100_000) });
/** Parameters of `nodes.told`: what a Mac says of itself, as a hub has read it. */
export const toldParams = macProcess.extend({ description: macDescription });
export const pairParams = z.strictObject({ name: z.string().trim().min(1).max(100).optional() });
export const pairingParams = z.strictObject({ id: pairingId });
/** `fingerprint`: as the Mac shows it; letters in any case, spaces and dashes do not count. */
export const confirmParams = z.strictObject({
  id: pairingId,
  name: z.string().trim().min(1).max(100).optional(),
  fingerprint: z.string().min(1).max(100).optional(),
});
/** `command` is for the Mac; the gateway adds it, which knows how the server is reached. */
export type OpenedPairing = { id: string; code: string; expires_at: string };
/** Parameters of `nodes.cutOff`. `reason`: words of ours. */
export const cutOffParams = z.strictObject({ node_id: nodeId, reason: z.string().min(1).max(200) });
