// Opens a data folder for whoever moves what is in it elsewhere: nobody else can use it meanwhile, and what is in it stays as it is.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { readSealKeys, type SealKey, Seals, WRITER } from "../../audit/chain.ts";
import type { AuditRows } from "../../ports/audit.ts";
import type { ConfigStore } from "../../ports/config.ts";
import type { Objects } from "../../ports/objects.ts";
import { AuditTable } from "../audit-table.ts";
import { databaseFaults } from "../check-database.ts";
import { fileConfig } from "../config-file.ts";
import { databasePath } from "../database-file.ts";
import { lockDataFolder } from "../folder-lock.ts";
import { embeddedObjects } from "../objects.ts";
import { immutable } from "../open-audit.ts";
import { OBJECTS_FOLDER } from "../open-embedded-ports.ts";
import { Store } from "../store.ts";
import { StoredEvents } from "./stored-events.ts";
import { StoredRows } from "./stored-rows.ts";

export type EmbeddedExport = {
  rows: StoredRows;
  events: StoredEvents;
  config: ConfigStore;
  audit: AuditRows;
  /** Those of files; none where nobody has ever uploaded one. */
  objects: Objects | undefined;
  /** Those of its audit trail; none where it has no key. */
  sealKeys: SealKey[];
  seals: Seals | undefined;
  close(): Promise<void>;
};

/** @throws Error in words: there is no database, a server runs on it, or it is damaged */
export function openExport(home: string): EmbeddedExport {
  const path = databasePath(home);
  if (!existsSync(path))
    throw new Error(`${home} holds no database: set MACJARVIS_HOME to the server's data folder.`);
  const lock = lockDataFolder(home);
  try {
    const events = new StoredEvents(join(home, "events"));
    const file = existsSync(`${path}-wal`) ? path : immutable(path);
    const [fault] = [...(databaseFaults(home, file) ?? []), ...events.damaged];
    if (fault !== undefined)
      throw new Error(
        `The data folder ${home} is damaged: ${fault}. Run npm run doctor, which says what to do.`,
      );
    const store = new Store(file, { readOnly: true });
    const sealKeys = readSealKeys(home);
    const files = join(home, OBJECTS_FOLDER);
    const objects = existsSync(files) ? embeddedObjects(files) : undefined;
    return {
      ...{ rows: new StoredRows(store), events, config: fileConfig(home), audit: new AuditTable(store) },
      objects,
      sealKeys: sealKeys ?? [],
      seals: sealKeys && new Seals(sealKeys, WRITER),
      async close() {
        await store.close();
        lock.release();
      },
    };
  } catch (thrown) {
    lock.release();
    throw thrown;
  }
}
