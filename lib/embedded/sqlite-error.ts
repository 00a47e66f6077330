// What SQLite throws, in the catalogue's words: a taken key, a store that cannot be written, or a defect of ours.
import { AppError, isType } from "../errors.ts";

/** Primary result codes after which the store cannot be used for now: no memory, read-only, I/O, full, … */
const UNAVAILABLE = new Map([
  [5, "the database is locked"],
  [7, "there is no memory left"],
  [8, "the database cannot be written"],
  [10, "the disk does not answer"],
  [13, "the disk is full"],
  [14, "the database file cannot be opened"],
]);
/** What is on the disk is not what was written there. */
const DAMAGED = new Map([
  [11, "the database file is damaged"],
  [26, "the database file is no database"],
]);
const BUSY = 5;
const UNIQUE = 2067;
const PRIMARY_KEY = 1555;

/** What somebody has to look after: `sync`: the disk did not take what it was given; `damage`: the file is not what we wrote. */
export type StoreFault = { kind: "sync" | "damage"; reason: string };

/** An error of the store that also has to be told to whoever runs the server. */
class FaultError extends AppError {
  readonly fault: StoreFault;

  constructor(fault: StoreFault, error: AppError) {
    super(error.type, error.message, error.data, error.cause);
    this.fault = fault;
  }
}

/**
 * `duplicate_key`, `store_unavailable`, `store_damaged`, or the error itself when it is none of SQLite's or a fault in a statement.
 */
export function sqliteError(thrown: unknown): unknown {
  if (Error.isError(thrown) && thrown.name === "SyntaxError")
    return damageError("a row of the database is damaged", thrown);
  if (typeof (thrown as { errcode?: unknown }).errcode !== "number") return thrown;
  if (isTaken(thrown)) return new AppError("duplicate_key", undefined, {}, thrown);
  const damage = DAMAGED.get(primaryCode(thrown));
  if (damage !== undefined) return damageError(damage, thrown);
  const reason = UNAVAILABLE.get(primaryCode(thrown));
  return reason === undefined ? thrown : storeUnavailable(reason, thrown);
}

function damageError(reason: string, cause: unknown): AppError {
  return new FaultError({ kind: "damage", reason }, storeDamaged(reason, cause));
}

/** @param thrown what a sync of the file threw */
export function syncError(thrown: unknown): AppError {
  const { code } = thrown as NodeJS.ErrnoException;
  const reason =
    code === "ENOSPC" || code === "EDQUOT" ? "the disk is full" : "the disk did not take what was written";
  return new FaultError(
    { kind: "sync", reason: `${reason} (${code ?? "unknown"})` },
    storeUnavailable(reason, thrown),
  );
}

/** What keeps the store from being used, in words; undefined when it is no such error of SQLite's. */
export function storeProblem(thrown: unknown): string | undefined {
  const code = primaryCode(thrown);
  return UNAVAILABLE.get(code) ?? DAMAGED.get(code);
}

/** Whether what is on the disk is not what was written there. */
export function isDamage(thrown: unknown): boolean {
  return isType(thrown, "store_damaged") || DAMAGED.has(primaryCode(thrown));
}

/** Whether a key was there already. */
export function isTaken(thrown: unknown): boolean {
  const { errcode } = thrown as { errcode?: unknown };
  return errcode === UNIQUE || errcode === PRIMARY_KEY;
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

/** Trying again does not help: whoever runs the server has to bring back what was there. */
function storeDamaged(reason: string, cause: unknown): AppError {
  return new AppError(
    "store_damaged",
    `The server cannot answer this: ${reason}. Whoever runs it has to restore it from a backup.`,
    {},
    cause,
  );
}
