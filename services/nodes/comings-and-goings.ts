// Tells that machines come and go, in a cluster: `node.joined` when a process with a machine's tools can be called, `node.left` when it
// cannot any more. Which ones are there stands in a table, so that a restart of this service misses no end, and several processes with
// this service tell the same event.
import type { Kysely } from "kysely";
import type { ServiceBroker } from "moleculer";
import type { NodeId } from "../../contracts/ids.ts";
import type { Tell } from "../../lib/domain-events.ts";
import { toError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { CHANGES, type Hosts } from "./hosts.ts";
import type { NodesTables } from "./tables.ts";

/** Who has just started does not see the others yet, and a connection may come back at once. */
const PATIENCE_MS = 5_000;

type Given = {
  broker: ServiceBroker;
  hosts: Hosts;
  sql: Kysely<NodesTables>;
  tell: Tell;
  log: Log;
};

type Row = NodesTables["node_processes"];

export class ComingsAndGoings {
  readonly #given: Given;
  /** What this process has told of, and since when it has not seen whom. */
  readonly #told = new Set<string>();
  readonly #missedSince = new Map<string, number>();
  readonly #onChange = () => this.#lookIn(0);
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #isStopped = false;

  constructor(given: Given) {
    this.#given = given;
  }

  start(): void {
    for (const change of CHANGES) this.#given.broker.localBus.on(change, this.#onChange);
    this.#lookIn(0);
  }

  /** Answers when the last look is over. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    for (const change of CHANGES) this.#given.broker.localBus.off(change, this.#onChange);
    await this.#looking;
  }

  #lookIn(ms: number): void {
    if (this.#isStopped) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#lookInTurn(), ms).unref();
  }

  async #lookInTurn(): Promise<void> {
    await this.#looking;
    this.#looking = this.#look().catch((thrown: unknown) => {
      this.#given.log.warn({ err: toError(thrown) }, "whether machines come or go is looked at again");
      this.#lookIn(PATIENCE_MS);
    });
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { broker, sql } = this.#given;
    // Cut off from the bus one sees nobody, and knows nothing.
    if (broker.transit?.connected === false) return this.#lookIn(PATIENCE_MS);
    const all = await this.#given.hosts.all();
    const present = new Map(all.flatMap(({ id, process }) => (process === undefined ? [] : [[process, id]])));
    await this.#enter(present);
    const rows = await sql.selectFrom("node_processes").selectAll().execute();
    for (const row of rows) await (present.has(row.process) ? this.#joined(row) : this.#missed(row));
  }

  async #enter(present: ReadonlyMap<string, NodeId>): Promise<void> {
    const { sql } = this.#given;
    if (present.size === 0) return;
    const joined_at = new Date().toISOString();
    await sql
      .insertInto("node_processes")
      .values([...present].map(([process, node_id]) => ({ process, node_id, joined_at })))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  async #joined(row: Row): Promise<void> {
    this.#missedSince.delete(row.process);
    const once = onceOf(row);
    if (this.#told.has(once)) return;
    await this.#tell("node.joined", row);
    this.#told.add(once);
  }

  /** The row goes last: until then the end is told again. */
  async #missed(row: Row): Promise<void> {
    const since = this.#missedSince.get(row.process) ?? performance.now();
    this.#missedSince.set(row.process, since);
    const left = since + PATIENCE_MS - performance.now();
    if (left > 0) return this.#lookIn(left);
    await this.#tell("node.left", row);
    const { sql } = this.#given;
    const { process, joined_at } = row;
    await sql
      .deleteFrom("node_processes")
      .where("process", "=", process)
      .where("joined_at", "=", joined_at)
      .execute();
    this.#missedSince.delete(process);
    this.#told.delete(onceOf(row));
  }

  #tell(type: "node.joined" | "node.left", row: Row): Promise<void> {
    const data = { node_id: row.node_id as NodeId, process: row.process };
    return this.#given.tell(type, data, { once: onceOf(row) });
  }
}

/** The same process may come back after it was cut off. */
const onceOf = ({ process, joined_at }: Row) => `${process}:${joined_at}`;
