// Finds the way to a machine.
import type { ServiceBroker } from "moleculer";
import type { NodeId } from "../../../contracts/ids.ts";
import type { Way } from "../../../contracts/nodes.ts";
import { callAs, SYSTEM } from "../../../lib/broker/action.ts";
import { AppError } from "../../../lib/errors.ts";
import { coreMachine } from "./core-machine.ts";
import type { Machine } from "./machine.ts";

export class Machines {
  readonly #broker: ServiceBroker;

  constructor(broker: ServiceBroker) {
    this.#broker = broker;
  }

  /** @throws node_offline when there is no way to it now */
  at(way: Way | null, name: string): Machine {
    if (way === null || way.kind !== "process")
      throw new AppError("node_offline", `"${name}" is not connected.`);
    return coreMachine(this.#broker, way.process);
  }

  /** The machine that a call was sent to, or undefined while it is away. */
  async of(id: NodeId): Promise<Machine | undefined> {
    const way = await callAs(this.#broker, "tools", SYSTEM, "nodes.way", { node_id: id });
    return way === null ? undefined : this.at(way, id);
  }
}
