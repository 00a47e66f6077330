// The ports of a process: everything outside it that its services work with, behind interfaces. A service declares by mixins
// which of them it needs (mixins/); what no service declares is never opened.
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { AuditReading, AuditTrail } from "./audit.ts";
import type { ConfigStore } from "./config.ts";
import type { Cache, Counters } from "./counters.ts";
import type { DocumentAdapter } from "./document-adapter.ts";
import type { CollectionSpec, Document } from "./documents.ts";
import type { RunEvents } from "./events.ts";
import type { Locks } from "./locks.ts";
import type { Moments } from "./moments.ts";
import type { Objects } from "./objects.ts";
import type { Outlet } from "./outlet.ts";
import type { Presence } from "./presence.ts";
import type { Signals } from "./signals.ts";
import type { Work } from "./work.ts";

/** Steps of Kysely's migrator by name; names sort in the order in which they run. */
export type Migrations = Record<string, Migration>;

/** Each is opened when it is first asked for. @throws Error in words, or `store_unavailable`, when it cannot be opened */
export interface Ports {
  /** The SQL store, typed by the tables of the service that asks. */
  sql<Tables>(): Kysely<Tables>;
  /**
   * For reports to people, which may be of a moment ago: reads the SQL store, or a replica of it where there is one that follows. Never
   * for a limit, a token or a permission. @param read only reads; may be done twice
   */
  report<Tables, T>(read: (db: Kysely<Tables>) => Promise<T>): Promise<T>;
  /** Brings a service's tables up to date; safe to call again and from several services. */
  migrate(service: string, migrations: Migrations): Promise<void>;
  /** A collection; makes its table and indexes when they are missing. */
  documents<T extends Document>(spec: CollectionSpec): DocumentAdapter<T>;
  readonly moments: Moments;
  /** Of a cluster without an S3 store it refuses all with `files_off`. */
  readonly objects: Objects;
  readonly events: RunEvents;
  readonly audit: AuditTrail & { readonly reading: AuditReading };
  readonly counters: Counters;
  readonly cache: Cache;
  readonly locks: Locks;
  readonly presence: Presence;
  readonly work: Work;
  readonly signals: Signals;
  readonly outlet: Outlet;
  readonly config: ConfigStore;
}

/** The ports with what only the process itself may do: it opens and closes them for all its services. */
export interface ProcessPorts extends Ports {
  /** Answers when what has been opened can be used. @throws what keeps it from that */
  ready(): Promise<void>;
  /** What of the opened does not answer now, in words ("the database: disk is full"); empty when all is well. */
  check(): Promise<string[]>;
  /** Finishes what is under way and closes what was opened; nothing can be opened afterwards. Safe to repeat. */
  close(): Promise<void>;
}
