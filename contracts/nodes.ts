// Nodes as clients see them; parameters of the `nodes` actions.
import { z } from "zod";
import { type NodeId, nodeId } from "./ids.ts";
import { macDescription } from "./mac-description.ts";
import type { NodeDescription } from "./tools.ts";

/**
 * A machine that tools run on. `platform` and `version` are as Node names them; `tools` their names; `queue_length` counts calls that
 * wait for a machine that is away.
 */
export type Node = {
  id: string;
  name: string;
  platform: string;
  version: string;
  status: "online" | "offline" | "revoked";
  labels: Record<string, string>;
  tools: string[];
  last_seen_at: string;
  queue_length: number;
};

/** How calls get to a machine: to the process of the core that serves it, or through a hub; `server`: to no machine, the server runs it. */
export type Way = { kind: "process"; process: string } | { kind: "edge" } | { kind: "server" };
/** A machine that somebody may use, with what it can do. `way` is null while it is away: then that is what it said last. */
export type UsableNode = NodeDescription & { id: NodeId; name: string; way: Way | null };

const MAX_LABELS = 50;
export const nodeParams = z.strictObject({ id: nodeId });
export const updateNodeParams = z.strictObject({
  id: nodeId,
  name: z.string().trim().min(1).max(100).optional(),
  labels: z
    .record(z.string().min(1).max(50), z.string().max(100))
    .refine((labels) => Object.keys(labels).length <= MAX_LABELS, `at most ${MAX_LABELS} labels`)
    .optional(),
});
/** The machines that the caller may use: all, or one of them. */
export const usableParams = z.strictObject({ node_id: nodeId.optional() });
/** Parameters of `nodes.way`. */
export const wayParams = z.strictObject({ node_id: nodeId });
/** A process of a Mac that a hub hears: parameters of `nodes.meet` and `nodes.lose`. */
export const macProcess = z.strictObject({ node_id: nodeId, instance: z.string().min(1).max(100) });
export type MacProcess = z.output<typeof macProcess>;
/** Parameters of `nodes.see`. */
export const seeParams = z.strictObject({ macs: z.array(macProcess).max(100_000) });
/** Parameters of `nodes.told`: what a Mac says of itself, as a hub has read it. */
export const toldParams = macProcess.extend({ description: macDescription });
export const pairParams = z.strictObject({ name: z.string().trim().min(1).max(100).optional() });
export const pairingParams = z.strictObject({ id: z.string().min(1).max(128) });
