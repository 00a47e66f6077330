// The machines a caller may use, as the registry of nodes says, narrowed by what a request wants.
import type { ServiceBroker } from "moleculer";
import type { Caller } from "../../contracts/access.ts";
import type { NodeId } from "../../contracts/ids.ts";
import type { Labels } from "../../contracts/labels.ts";
import type { UsableNode } from "../../contracts/nodes.ts";
import { callAs } from "../../lib/broker/action.ts";
import { AppError } from "../../lib/errors.ts";

/** Which machines are meant: one, or those with these labels. */
export type Where = { node_id?: NodeId | undefined; labels?: Labels | undefined };

/** @throws node_not_found for one that the caller may not use, and where none has the labels */
export async function usableNodes(
  broker: ServiceBroker,
  caller: Caller,
  { node_id, labels }: Where = {},
): Promise<UsableNode[]> {
  const nodes = await callAs(broker, "tools", caller, "nodes.usable", node_id ? { node_id } : {});
  if (!labels) return nodes;
  const wanted = Object.entries(labels);
  const fitting = nodes.filter((node) => wanted.every(([name, value]) => node.labels[name] === value));
  if (fitting.length > 0) return fitting;
  throw new AppError("node_not_found", `No machine of yours has the labels ${JSON.stringify(labels)}.`);
}
