// The machines of the core: which of them are there, by the processes that have the service `node`, and what each can do. The others
// hear of a process at the bus; what it can do it is asked.
import type { Kysely } from "kysely";
import type { ServiceBroker } from "moleculer";
import type { NodeDescription } from "../../contracts/tools.ts";
import { callAs, SYSTEM } from "../../lib/broker/action.ts";
import { ALONE, ensureHost, type HostRow, keepDescription, readHosts } from "./host-rows.ts";
import { Known } from "./known.ts";
import type { NodesTables } from "./tables.ts";

/** A machine, and where it is there the process that serves it. */
export type Host = HostRow & { process: string | undefined };

/** What says that processes come or go. */
export const CHANGES = ["$services.changed", "$node.connected", "$node.disconnected"];

export class Hosts {
  readonly #broker: ServiceBroker;
  readonly #sql: Kysely<NodesTables>;
  readonly #rows: Known<HostRow[]>;
  /** By process: it may start again with other tools, and is another process then. */
  readonly #descriptions = new Map<string, Known<NodeDescription>>();
  #present: Map<string, string> | undefined;
  readonly #onChange = () => {
    this.#present = undefined;
  };

  constructor(broker: ServiceBroker, sql: Kysely<NodesTables>) {
    this.#broker = broker;
    this.#sql = sql;
    this.#rows = new Known(() => readHosts(sql));
    for (const change of CHANGES) broker.localBus.on(change, this.#onChange);
  }

  close(): void {
    for (const change of CHANGES) this.#broker.localBus.off(change, this.#onChange);
  }

  /** Their entries were changed here. */
  forget(): void {
    this.#rows.forget();
  }

  /** Those that are there first. A machine that was never met before gets its entry. */
  async all(): Promise<Host[]> {
    const present = this.present();
    const rows = await this.#rows.get();
    const isMet = (machine: string) => rows.some((row) => row.machine === machine);
    const strange = [...present].filter(([machine]) => !isMet(machine));
    if (strange.length > 0) {
      for (const [machine, process] of strange) await this.#meet(machine, process);
      this.#rows.forget();
      return this.all();
    }
    const hosts = rows.map((row) => ({ ...row, process: present.get(row.machine ?? "") }));
    return hosts.toSorted((a, b) => Number(b.process !== undefined) - Number(a.process !== undefined));
  }

  /** Of one that is away, what it said last; undefined where it has never said anything. */
  describe(host: Host): Promise<NodeDescription | undefined> {
    if (host.process === undefined) return Promise.resolve(host.description);
    const { process } = host;
    const known =
      this.#descriptions.get(process) ?? new Known(() => this.#ask(host.id, process, host.description));
    this.#descriptions.set(process, known);
    return known.get();
  }

  async #meet(machine: string, process: string): Promise<void> {
    const { host_name } = await this.#said(process);
    await ensureHost(this.#sql, machine, host_name);
  }

  async #ask(id: Host["id"], process: string, before: NodeDescription | undefined): Promise<NodeDescription> {
    const said = await this.#said(process);
    if (JSON.stringify(said) !== JSON.stringify(before)) await keepDescription(this.#sql, id, said);
    return said;
  }

  #said(process: string): Promise<NodeDescription> {
    return callAs(this.#broker, "nodes", SYSTEM, "node.describe", {}, { nodeID: process });
  }

  /** Machines that are there now, with their processes. */
  present(): ReadonlyMap<string, string> {
    if (this.#present) return this.#present;
    const all = this.#broker.registry.getServiceList({ onlyAvailable: true });
    const present = new Map<string, string>();
    for (const { name, nodeID, metadata } of all)
      if (name === "node" && nodeID !== undefined && typeof metadata?.machine === "string")
        present.set(this.#broker.transit ? metadata.machine : ALONE, nodeID);
    for (const process of this.#descriptions.keys())
      if (![...present.values()].includes(process)) this.#descriptions.delete(process);
    this.#present = present;
    return present;
  }
}
