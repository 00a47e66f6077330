// All ports of a process, opened once at start and reached by services through their broker.
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { ServiceBroker } from "moleculer";
import type { AuditTrail } from "./audit.ts";
import type { Cache, Counters } from "./counters.ts";
import type { CollectionSpec, Document, Documents } from "./documents.ts";
import type { RunEvents } from "./events.ts";
import type { Moments } from "./moments.ts";
import type { Signals } from "./signals.ts";
import type { Work } from "./work.ts";

/** Steps of Kysely's migrator by name; names sort in the order in which they run. */
export type Migrations = Record<string, Migration>;

export interface Ports {
  /** The SQL store, typed by the tables of the service that asks. */
  sql<Tables>(): Kysely<Tables>;
  /** Brings a service's tables up to date; safe to call again and from several services. */
  migrate(service: string, migrations: Migrations): Promise<void>;
  /** A collection; makes its table and indexes when they are missing. */
  documents<T extends Document>(spec: CollectionSpec): Documents<T>;
  moments: Moments;
  events: RunEvents;
  audit: AuditTrail;
  counters: Counters;
  cache: Cache;
  work: Work;
  signals: Signals;
  /** What does not answer now, in words ("the database: disk is full"); empty when all is well. */
  check(): Promise<string[]>;
  /** Finishes what is under way and closes files. */
  close(): Promise<void>;
}

const byBroker = new WeakMap<ServiceBroker, Ports>();

export function bindPorts(broker: ServiceBroker, ports: Ports): void {
  byBroker.set(broker, ports);
}

/** The ports of the process that the broker runs in. */
export function portsOf(broker: ServiceBroker): Ports {
  const ports = byBroker.get(broker);
  if (!ports) throw new Error("no ports are bound to this broker: start it with moleculer.config.ts");
  return ports;
}
