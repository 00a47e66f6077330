// The machines a caller may use, as the registry of nodes says, and the way to each.
import type { ServiceBroker } from "moleculer";
import type { Caller } from "../../../contracts/access.ts";
import type { NodeId, UserId } from "../../../contracts/ids.ts";
import type { Labels } from "../../../contracts/labels.ts";
import type { UsableNode, Way } from "../../../contracts/nodes.ts";
import { callAs, SYSTEM } from "../../../lib/broker/action.ts";
import { AppError } from "../../../lib/errors.ts";
import type { Edge } from "../hub/edge.ts";
import type { ServerNode } from "../server/load-tools.ts";
import type { ServerCalls } from "../server/server-calls.ts";
import { coreMachine } from "./core-machine.ts";
import type { Machine } from "./machine.ts";
import { serverMachine } from "./server-machine.ts";

/** Which machines are meant: one, or those with these labels. */
export type Where = { node_id?: NodeId | undefined; labels?: Labels | undefined };

/** A machine, and for whom it is asked. */
type Wanted = { id: NodeId; name: string; way: Way | null; userId?: UserId };

/** Nothing runs for nobody: what is asked then ends or tells of calls. */
const NOBODY = "" as UserId;

/** What the server runs itself. */
type Server = { calls: ServerCalls; node: ServerNode };

export class Machines {
  readonly #broker: ServiceBroker;
  /** Where Macs can join. */
  readonly #edge: Edge | undefined;
  readonly #server: Server;

  constructor(broker: ServiceBroker, edge: Edge | undefined, server: Server) {
    this.#broker = broker;
    this.#edge = edge;
    this.#server = server;
  }

  /**
   * The machines that the caller may use, and the server, which has its tools for everybody.
   * @param where narrows them
   * @throws node_not_found for one that the caller may not use, and where none has the labels
   */
  async usable(caller: Caller, where: Where = {}): Promise<UsableNode[]> {
    const { node } = this.#server;
    const nodes = await usableNodes(this.#broker, caller, where);
    return [
      node.for(caller, nodes.length > 0),
      ...nodes.map((one) => ({ ...one, tools: one.tools.filter(({ name }) => !node.names.has(name)) })),
    ];
  }

  /** What runs a call that has no machine. */
  server(userId: UserId = NOBODY): Machine {
    return serverMachine(this.#server.calls, userId);
  }

  /** @throws node_offline when there is no way to it now */
  at({ id, name, way, userId = NOBODY }: Wanted): Machine {
    if (way?.kind === "server") return this.server(userId);
    if (way?.kind === "process") return coreMachine(this.#broker, way.process);
    const machine = way && this.#edge?.machine({ nodeId: id, name, userId });
    if (!machine) throw new AppError("node_offline", `"${name}" is not connected.`);
    return machine;
  }

  /** How many calls of this process run on a Mac now. */
  loadOf(id: NodeId): number {
    return this.#edge?.loadOf(id) ?? 0;
  }

  /** The machine that a call was sent to, or undefined while it is away. */
  async of(id: NodeId): Promise<Machine | undefined> {
    const way = await callAs(this.#broker, "tools", SYSTEM, "nodes.way", { node_id: id });
    return way === null ? undefined : this.at({ id, name: id, way });
  }
}

/** Without the server. @throws node_not_found for one that the caller may not use, and where none has the labels */
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
