// Nodes as clients see them; parameters of the `nodes` actions.
import { z } from "zod";
import { nodeId } from "./ids.ts";
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

/** How calls get to a machine: to the process of the core that serves it. */
export type Way = { kind: "process"; process: string };
/** A machine that somebody may use, with what it can do. `way` is null while it is away: then that is what it said last. */
export type UsableNode = NodeDescription & { id: string; name: string; way: Way | null };

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
export const pairParams = z.strictObject({ name: z.string().trim().min(1).max(100).optional() });
export const pairingParams = z.strictObject({ id: z.string().min(1).max(128) });
