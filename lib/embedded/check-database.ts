// Looks whether every page of the database can be read, also beside the server that uses it. For `npm run doctor`.
import { existsSync, statSync } from "node:fs";
import { toError } from "../errors.ts";
import { Connection } from "./database/connection.ts";
import { databasePath, examineDatabaseFiles } from "./database-file.ts";
import { inWords } from "./open-store.ts";

/** Of a larger one every page would take too long: its beginning is looked at. */
const LARGE = 8 * 1024 ** 3;
/** Faults that are named. */
const NAMED = 5;

/**
 * What is wrong, in words; undefined where there is no database.
 * @param opened the database as SQLite shall open it, where that is known to be another way than beside a server
 */
export function databaseFaults(home: string, opened?: string | URL): string[] | undefined {
  const path = databasePath(home);
  if (!existsSync(path)) return undefined;
  try {
    examineDatabaseFiles(home);
    return statSync(path).size > LARGE ? [] : pageFaults(path, opened ?? path);
  } catch (thrown) {
    return [toError(inWords(home, thrown)).message];
  }
}

function pageFaults(path: string, opened: string | URL): string[] {
  const connection = new Connection(opened, { readOnly: true });
  try {
    return connection
      .statement(`PRAGMA quick_check(${NAMED})`)
      .all()
      .map((row) => String(row.quick_check))
      .filter((fault) => fault !== "ok")
      .map((fault) => `${path} is damaged: ${fault}`);
  } finally {
    connection.close();
  }
}
