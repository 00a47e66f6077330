// Opens the database of a data folder; whatever is wrong with it is said in words that name the file and the fix.
import { chmodSync } from "node:fs";
import { isType, toError } from "../errors.ts";
import { unusable as unusablePart } from "../unusable.ts";
import { unusable } from "./data-folder.ts";
import { databasePath, examineDatabaseFiles, RESTORE } from "./database-file.ts";
import { isBusy, isDamage, storeProblem } from "./sqlite-error.ts";
import { Store, type StoreOptions } from "./store.ts";

const DISK_ADVICE =
  "See that its disk is well, has room and can be written, or set MACJARVIS_HOME to another one.";

/** The folder must be locked. @throws Error in words for a person */
export function openStore(home: string, options: StoreOptions = {}): Store {
  examineDatabaseFiles(home);
  const file = databasePath(home);
  try {
    const store = new Store(file, options);
    chmodSync(file, 0o600);
    return store;
  } catch (thrown) {
    // A file that SQLite was to make, and could not: the system says it first, in words of its own.
    const isOfSystem = (thrown as NodeJS.ErrnoException).syscall !== undefined;
    throw isOfSystem ? unusable(home, thrown, DISK_ADVICE) : inWords(home, thrown);
  }
}

/** What a damaged or unusable database means for whoever starts the server; other errors as they are. */
export function inWords(home: string, error: unknown): unknown {
  // What a service met after the store was opened: the cause says what it was.
  const thrown = (isType(error, "store_unavailable") ? toError(error).cause : undefined) ?? error;
  if (isDamage(thrown))
    return unusable(
      home,
      new Error(`${databasePath(home)} is damaged`),
      `${RESTORE}. npm run doctor shows what is damaged.`,
    );
  if (isBusy(thrown))
    return unusablePart(
      `The database ${databasePath(home)}`,
      thrown,
      "Stop the other program that has it open.",
      storeProblem(thrown),
    );
  if (storeProblem(thrown) !== undefined) return unusable(home, thrown, DISK_ADVICE);
  return error;
}
