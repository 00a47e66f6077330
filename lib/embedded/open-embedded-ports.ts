// Opens every port of a process on its own machine: one SQLite file, segment files, and what lives in memory.
import { statfsSync } from "node:fs";
import { join } from "node:path";
import { Kysely } from "kysely";
import { Migrator } from "kysely/migration";
import { toError } from "../errors.ts";
import type { AuditHead } from "../ports/audit.ts";
import type { CollectionSpec, Document, Documents } from "../ports/documents.ts";
import type { Ports } from "../ports/ports.ts";
import { AuditTable, WRITER } from "./audit-table.ts";
import { processCache, processCounters } from "./counters.ts";
import { prepareDataFolder } from "./data-folder.ts";
import { SqliteDocuments } from "./documents/sqlite-documents.ts";
import { EventLog } from "./events/event-log.ts";
import { lockDataFolder } from "./folder-lock.ts";
import { storeDialect } from "./kysely-dialect.ts";
import { openStore } from "./open-store.ts";
import { processSignals } from "./signals.ts";
import type { StoreFault } from "./sqlite-error.ts";
import type { Store } from "./store.ts";
import { WorkTable } from "./work-table.ts";

export type EmbeddedPorts = Ports & {
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

/** Bytes that must be free on the data folder's disk. */
const LEAST_FREE = 16 * 1024 * 1024;

/** @throws Error in words for a person when the folder cannot be used or another process has it */
export async function openEmbeddedPorts({
  home,
  clock = Date.now,
  onFault,
}: Options): Promise<EmbeddedPorts> {
  prepareDataFolder(home);
  const lock = lockDataFolder(home);
  try {
    const store = openStore(home, onFault ? { onFault } : {});
    const db = new Kysely<unknown>({ dialect: storeDialect(store) });
    const events = new EventLog(join(home, "events"), clock);
    const work = new WorkTable(store, clock);
    const audit = new AuditTable(store, clock);
    await Promise.all([work.makeTable(), audit.makeTable()]);
    await audit.sealFor(home);
    const collections = new Map<string, unknown>();
    return {
      sql: <Tables>() => db as Kysely<Tables>,
      migrate: (service, migrations) => migrate(db, service, migrations),
      documents<T extends Document>(spec: CollectionSpec) {
        const known = collections.get(spec.name) ?? new SqliteDocuments<T>(store, spec);
        collections.set(spec.name, known);
        return known as Documents<T>;
      },
      moments: store,
      events,
      audit,
      counters: processCounters(clock),
      cache: processCache(),
      work,
      signals: processSignals(),
      check: () => problems(store, events, home),
      flush: () => store.flush(),
      auditHead: () => audit.head(WRITER),
      async close() {
        work.close();
        try {
          events.close();
        } finally {
          // Also when the last events cannot be written: their runs tell them anew at the next start.
          await store.close();
          lock.release();
        }
      },
    };
  } catch (thrown) {
    lock.release();
    throw thrown;
  }
}

/** Each service has its own list of migrations, so that services can be updated one by one. */
async function migrate(
  db: Kysely<unknown>,
  service: string,
  migrations: Parameters<Ports["migrate"]>[1],
): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => migrations },
    migrationTableName: `migrations_${service}`,
    migrationLockTableName: `migrations_${service}_lock`,
  });
  const { error } = await migrator.migrateToLatest();
  if (error) throw migrationProblem(error);
}

/** A step that was done and is not known: a newer program has done it. */
function migrationProblem(error: unknown): unknown {
  if (!toError(error).message.startsWith("corrupted migrations: previously executed")) return error;
  return new Error(
    "The database was written by a newer MacJarvis. Update MacJarvis, or restore the data folder from a backup of before the update.",
    { cause: error },
  );
}

async function problems(store: Store, events: EventLog, home: string): Promise<string[]> {
  const found: string[] = [];
  const free = statfsSync(home);
  if (free.bavail * free.bsize < LEAST_FREE) found.push(`the disk of ${home} is full`);
  await writeSomething(store).catch((thrown: Error) => found.push(`the database: ${thrown.message}`));
  const eventProblem = events.problem();
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
