// Finds the way to a machine.
import type { ServiceBroker } from "moleculer";
import type { NodeId, UserId } from "../../../contracts/ids.ts";
import type { Way } from "../../../contracts/nodes.ts";
import { callAs, SYSTEM } from "../../../lib/broker/action.ts";
import { AppError } from "../../../lib/errors.ts";
import type { Edge } from "../hub/edge.ts";
import { coreMachine } from "./core-machine.ts";
import type { Machine } from "./machine.ts";

/** A machine, and for whom it is asked. */
type Wanted = { id: NodeId; name: string; way: Way | null; userId?: UserId };

/** Nothing runs for nobody: what is asked then ends or tells of calls. */
const NOBODY = "" as UserId;

export class Machines {
  readonly #broker: ServiceBroker;
  /** Where Macs can join. */
  readonly #edge: Edge | undefined;

  constructor(broker: ServiceBroker, edge: Edge | undefined) {
    this.#broker = broker;
    this.#edge = edge;
  }

  /** @throws node_offline when there is no way to it now */
  at({ id, name, way, userId = NOBODY }: Wanted): Machine {
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
