// What SQLite throws, in the catalogue's words: a taken key, a store that cannot be written, or a defect of ours.
import { AppError } from "../errors.ts";

/** Primary result codes after which the store cannot be used for now: no memory, read-only, I/O, corrupt, full, … */
const UNAVAILABLE = new Map([
  [5, "the database is locked"],
  [7, "there is no memory left"],
  [8, "the database cannot be written"],
  [10, "the disk does not answer"],
  [11, "the database file is damaged"],
  [13, "the disk is full"],
  [14, "the database file cannot be opened"],
  [26, "the database file is damaged"],
]);
const BUSY = 5;
const UNIQUE = 2067;
const PRIMARY_KEY = 1555;

/** `duplicate_key`, `store_unavailable`, or the error itself when it is none of SQLite's or a fault in a statement. */
export function sqliteError(thrown: unknown): unknown {
  const code = (thrown as { errcode?: unknown }).errcode;
  if (typeof code !== "number") return thrown;
  if (code === UNIQUE || code === PRIMARY_KEY) return new AppError("duplicate_key", undefined, {}, thrown);
  const reason = storeProblem(thrown);
  return reason === undefined ? thrown : storeUnavailable(reason, thrown);
}

/** What keeps the store from being used, in words; undefined when it is no such error of SQLite's. */
export function storeProblem(thrown: unknown): string | undefined {
  return UNAVAILABLE.get(primaryCode(thrown));
}

/** Whether somebody else holds what was wanted. */
export function isBusy(thrown: unknown): boolean {
  return primaryCode(thrown) === BUSY;
}

function primaryCode(thrown: unknown): number {
  const { errcode } = thrown as { errcode?: unknown };
  return typeof errcode === "number" ? errcode & 0xff : 0;
}

/** @param reason in words, e.g. "the disk is full" */
export function storeUnavailable(reason: string, cause?: unknown): AppError {
  return new AppError(
    "store_unavailable",
    `The server cannot store anything now: ${reason}. Nothing was lost; try again.`,
    { retryAfterMs: 5_000 },
    cause,
  );
}
