// Every port of a process on its own machine: one SQLite file, segment files, and what lives in memory. The data folder is
// taken at once; each file in it is opened when a port that needs it is asked for.
import { statfsSync } from "node:fs";
import { join } from "node:path";
import { Kysely } from "kysely";
import { WRITER } from "../audit/chain.ts";
import { type Lazy, lazy } from "../lazy.ts";
import { runMigrations } from "../migrations.ts";
import type { AuditHead } from "../ports/audit.ts";
import type { ConfigStore } from "../ports/config.ts";
import type { DocumentAdapter } from "../ports/document-adapter.ts";
import type { CollectionSpec, Document } from "../ports/documents.ts";
import type { Objects } from "../ports/objects.ts";
import type { ProcessPorts } from "../ports/ports.ts";
import { AuditTable } from "./audit-table.ts";
import { processCache } from "./cache.ts";
import { fileConfig } from "./config-file.ts";
import { prepareDataFolder } from "./data-folder.ts";
import { requireNotEmptied } from "./database-file.ts";
import { SqliteDocuments } from "./documents/sqlite-documents.ts";
import { EventLog } from "./events/event-log.ts";
import { type FolderLock, lockDataFolder } from "./folder-lock.ts";
import { storeDialect } from "./kysely-dialect.ts";
import { processLocks } from "./locks.ts";
import { processCounters, processSignals } from "./memory-ports.ts";
import { requireNotMoved } from "./moved.ts";
import { embeddedObjects } from "./objects.ts";
import { openStore } from "./open-store.ts";
import { processOutlet } from "./outlet.ts";
import { processPresence } from "./presence.ts";
import { type StoreFault, storeUnavailable } from "./sqlite-error.ts";
import type { Store } from "./store.ts";
import { WorkTable } from "./work-table.ts";

export type EmbeddedPorts = ProcessPorts & {
  /** Commits what waits to be committed. */
  flush(): Promise<void>;
  /** The end of the audit trail as it is now: said in the log, it proves later what was there. */
  auditHead(): Promise<AuditHead>;
};

type Options = {
  /** The data folder. */
  home: string;
  /** Epoch milliseconds; the clock of the machine unless given. */
  clock?: () => number;
  /** Told what somebody has to look after: a disk that does not take what is written, a damaged file. */
  onFault?: (fault: StoreFault) => void;
};

/** In the data folder; made with the first object. */
export const OBJECTS_FOLDER = "objects";
/** Bytes that must be free on the data folder's disk. */
const LEAST_FREE = 16 * 1024 * 1024;

/** @throws Error in words for a person when the folder cannot be used or another process has it */
export function openEmbeddedPorts({ home, clock = Date.now, onFault }: Options): EmbeddedPorts {
  prepareDataFolder(home);
  requireNotMoved(home);
  requireNotEmptied(home);
  const lock = lockDataFolder(home);
  const parts = partsOf(home, clock, onFault);
  const collections = new Map<string, unknown>();
  let closed: Promise<void> | undefined;
  return {
    sql: <Tables>() => parts.sql.get() as Kysely<Tables>,
    report: async <Tables, T>(read: (db: Kysely<Tables>) => Promise<T>) =>
      read(parts.sql.get() as Kysely<Tables>),
    migrate: (service, migrations) => runMigrations(parts.sql.get(), service, migrations, "data folder"),
    documents<T extends Document>(spec: CollectionSpec) {
      const known = collections.get(spec.name) as DocumentAdapter<T> | undefined;
      if (known) return known;
      const made = new SqliteDocuments<T>(parts.store.get(), spec);
      prepare(parts, made.connect());
      collections.set(spec.name, made);
      return made;
    },
    get moments() {
      return parts.store.get();
    },
    get objects() {
      return parts.objects.get();
    },
    get events() {
      return parts.events.get();
    },
    get audit() {
      return parts.audit.get();
    },
    get work() {
      return parts.work.get();
    },
    get config() {
      return parts.config.get();
    },
    counters: processCounters(clock),
    cache: processCache(),
    locks: processLocks(),
    presence: processPresence(),
    signals: processSignals(),
    outlet: processOutlet,
    ready: async () => {
      await Promise.all(parts.preparing);
    },
    check: () => problems(parts, home),
    flush: async () => parts.store.made?.flush(),
    auditHead: () => parts.audit.get().head(WRITER),
    close() {
      closed ??= close(parts, lock);
      return closed;
    },
  };
}

type Parts = {
  store: Lazy<Store>;
  sql: Lazy<Kysely<unknown>>;
  events: Lazy<EventLog>;
  work: Lazy<WorkTable>;
  audit: Lazy<AuditTable>;
  config: Lazy<ConfigStore>;
  objects: Lazy<Objects>;
  /** Tables that are being made. */
  preparing: Promise<void>[];
  closed: boolean;
};

function partsOf(home: string, clock: () => number, onFault: Options["onFault"]): Parts {
  const open = <T extends object>(make: () => T) =>
    lazy(() => {
      if (parts.closed) throw storeUnavailable("it is shutting down");
      return make();
    });
  const parts: Parts = {
    store: open(() => openStore(home, onFault ? { onFault } : {})),
    sql: open(() => new Kysely<unknown>({ dialect: storeDialect(parts.store.get()) })),
    events: open(
      () => new EventLog(join(home, "events"), clock, (reason) => onFault?.({ kind: "damage", reason })),
    ),
    work: open(() => withTable(new WorkTable(parts.store.get(), clock))),
    audit: open(() => withTable(new AuditTable(parts.store.get(), clock, home))),
    config: open(() => fileConfig(home)),
    objects: open(() => embeddedObjects(join(home, OBJECTS_FOLDER))),
    preparing: [],
    closed: false,
  };
  const withTable = <T extends { makeTable(): Promise<void> }>(made: T): T => {
    prepare(parts, made.makeTable());
    return made;
  };
  return parts;
}

/** The store does operations in the order of their calls, so only `ready` waits for these. */
function prepare(parts: Parts, table: Promise<void>): void {
  table.catch(() => undefined);
  parts.preparing.push(table);
}

async function close(parts: Parts, lock: FolderLock): Promise<void> {
  parts.closed = true;
  // What runs goes on until the store is closed.
  void parts.work.made?.close();
  try {
    parts.events.made?.close();
  } finally {
    // Also when the last events cannot be written: their runs tell them anew at the next start.
    await parts.store.made?.close();
    lock.release();
  }
}

async function problems({ store, events }: Parts, home: string): Promise<string[]> {
  const found: string[] = [];
  const free = statfsSync(home);
  // Whatever else fails then is a consequence of that.
  if (free.bavail * free.bsize < LEAST_FREE)
    return [`the disk of ${home} is full (less than ${LEAST_FREE / 1024 / 1024} MiB are free)`];
  const { made } = store;
  if (made)
    await writeSomething(made).catch((thrown: Error) => found.push(`the database: ${thrown.message}`));
  const eventProblem = events.made?.problem();
  if (eventProblem) found.push(eventProblem);
  return found;
}

/** What changes nothing is committed without a write, and would say that a full disk is well. */
async function writeSomething(store: Store): Promise<void> {
  const sql = "INSERT INTO health (id, at) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET at = excluded.at";
  await store.write(() =>
    store.statement("CREATE TABLE IF NOT EXISTS health (id INTEGER PRIMARY KEY, at INTEGER)").run(),
  );
  await store.write(() => store.statement(sql).run(Date.now()));
}
