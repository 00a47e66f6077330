// The audit trail of a data folder for reading only, also beside the server that writes it.
import { accessSync, constants, existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { readSealKeys, Seals } from "../audit/chain.ts";
import { toError } from "../errors.ts";
import type { AuditRows } from "../ports/audit.ts";
import { AuditTable, WRITER } from "./audit-table.ts";
import { Store } from "./store.ts";

export type OpenAudit = {
  trail: AuditRows;
  /** Undefined where the data folder has no key: then no row can be told from a forged one. */
  seals: Seals | undefined;
  close(): Promise<void>;
};

/** @throws Error in words for a person when the folder has no trail that can be read */
export function openAudit(home: string): OpenAudit {
  const file = join(home, "macjarvis.db");
  if (!existsSync(file))
    throw new Error(`${home} holds no database: set MACJARVIS_HOME to the server's data folder.`);
  const store = new Store(isUntouchable(home, file) ? immutable(file) : file, { readOnly: true });
  const keys = readSealKeys(home);
  if (!hasTrail(store, file)) throw keys ? new TrailRemoved(home) : noTrail(home);
  const seals = keys && new Seals(keys, WRITER);
  return { trail: new AuditTable(store), seals, close: () => store.close() };
}

/** There was one: the key that sealed it is there. */
export class TrailRemoved extends Error {
  constructor(home: string) {
    super(`The audit trail was tampered with: ${home} has the key of one, and its table was removed.`);
  }
}

function noTrail(home: string): Error {
  return new Error(
    `${home} holds no audit trail yet: it begins with the next start of the server, npm start.`,
  );
}

/** Nobody can be writing: a copy on a disk that is closed to writes, where SQLite cannot lay its own files beside the database. */
function isUntouchable(home: string, file: string): boolean {
  if (existsSync(`${file}-wal`)) return false;
  try {
    accessSync(home, constants.W_OK);
    return false;
  } catch {
    return true;
  }
}

/** As SQLite opens a file that nobody changes and that lies beside no log: it lays nothing beside it then. */
export function immutable(file: string): URL {
  const url = pathToFileURL(file);
  url.searchParams.set("immutable", "1");
  return url;
}

function hasTrail(store: Store, file: string): boolean {
  try {
    return (
      store.statement("SELECT 1 FROM sqlite_master WHERE name = 'audit' AND type = 'table'").get() !==
      undefined
    );
  } catch (thrown) {
    throw new Error(`${file} cannot be read: ${toError(thrown).message}.`);
  }
}
