// What PostgreSQL and its driver throw, in the catalogue's words. SQLSTATE: PostgreSQL's manual, appendix A.
import pg from "pg";
import { AppError, isType, toError } from "../../errors.ts";

/** Why the database cannot be used, by SQLSTATE, or by its class of two characters. */
const UNAVAILABLE: Record<string, string> = {
  "08": "the connection to it was lost",
  "28": "it refuses the user or the password of its URL",
  "53": "it has no resources left",
  "57": "it broke off what it did",
  "58": "its system does not work as it should",
  "25006": "it can only be read now",
  "25P03": "a transaction stood still for too long and was undone",
  "3D000": "the database of its URL does not exist",
  "42501": "the user of its URL may not do this",
  "53100": "its disk is full",
  "53200": "it has no memory left",
  "53300": "it has too many connections",
  "55P03": "somebody else holds what is needed, for too long",
  "57014": "it did not answer in time",
  "57P01": "it is shutting down",
  "57P02": "it had to start anew",
  "57P03": "it is starting or shutting down",
  "58030": "its disk does not answer",
};
const DAMAGED = new Set(["XX001", "XX002"]);
/** What was begun is undone, and done again it may succeed: two who were in each other's way. */
const REPEATABLE = new Set(["40001", "40P01"]);
/** A NUL, which no text there can hold; SQLite takes one. */
const UNSTORABLE = new Set(["22021", "22P05"]);
const TAKEN = "23505";

/** What the driver, its pool and Kysely say without a code. */
const DRIVER: [RegExp, string][] = [
  [
    /connect.*timeout|timeout.*connect|timeout expired/i,
    "it cannot be reached, or all connections to it are busy",
  ],
  [/query read timeout/i, "it did not answer in time"],
  [/after calling end on the pool|already been destroyed/i, "the server is shutting down"],
  [
    /connection terminated|connection error|connection has been discarded|client was closed/i,
    "the connection to it was lost",
  ],
  [/ssl|certificate|self.signed|altname/i, "it does not speak TLS, or its certificate is not for it"],
];

/** `duplicate_key`, `store_unavailable`, `store_damaged`, `busy`, or the error itself when it is a fault in a statement. */
export function postgresError(thrown: unknown): unknown {
  if (thrown instanceof AppError) return thrown;
  const { code = "" } = toError(thrown) as { code?: string };
  if (code === TAKEN) return new AppError("duplicate_key", undefined, {}, thrown);
  if (isUndone(thrown)) return inTheWay(thrown);
  if (DAMAGED.has(code)) return damaged(thrown);
  if (UNSTORABLE.has(code))
    return new AppError(
      "invalid_request",
      "A text holds a NUL character, which cannot be stored.",
      {},
      thrown,
    );
  const reason = reasonOf(thrown);
  return reason === undefined ? thrown : storeUnavailable(reason, thrown);
}

/** Whether what was undone may be done again as a whole. */
export function isRepeatable(error: unknown): boolean {
  return isUndone(error) || isUndone((error as { cause?: unknown } | undefined)?.cause);
}

function isUndone(thrown: unknown): boolean {
  return REPEATABLE.has(String((thrown as { code?: unknown } | undefined)?.code)) || isOutdated(thrown);
}

/**
 * Whether a statement that the connection keeps is not what it was: its table has been changed since (another process has migrated),
 * or somebody between us and the server has thrown it away. Sent under another name it is well.
 */
export function isOutdated(thrown: unknown): boolean {
  const { code, routine } = (thrown ?? {}) as { code?: unknown; routine?: unknown };
  // The first is said of other things too; the function that says it is not translated, as the words are.
  return (code === "0A000" && routine === "RevalidateCachedQuery") || code === "26000";
}

/** Whether waiting helps whoever starts: the server is starting, or away. A wrong password, database or certificate stays wrong. */
export function mayComeBack(error: unknown): boolean {
  if (!isType(error, "store_unavailable")) return false;
  const { code = "", message = "" } = (toError(error).cause ?? {}) as { code?: string; message?: string };
  return !/^(28|3D|42)/.test(code) && !/ssl|certificate|altname|^CERT_|^ERR_TLS/i.test(`${code} ${message}`);
}

/** Whether the connection that threw it can still be used: the server refused a statement, and nothing else. */
export function isRefusal(thrown: unknown): boolean {
  return thrown instanceof pg.DatabaseError && thrown.severity === "ERROR";
}

/** @param reason in words, e.g. "its disk is full" */
export function storeUnavailable(reason: string, cause?: unknown): AppError {
  return new AppError(
    "store_unavailable",
    `The database cannot be used now: ${reason}. Try again.`,
    { retryAfterMs: 5_000 },
    cause,
  );
}

function reasonOf(thrown: unknown): string | undefined {
  const { code = "", message } = toError(thrown) as Error & { code?: string };
  if (thrown instanceof pg.DatabaseError) return UNAVAILABLE[code] ?? UNAVAILABLE[code.slice(0, 2)];
  const known = DRIVER.find(([pattern]) => pattern.test(message) || pattern.test(code));
  if (known) return known[1];
  // Of the system: a refused or lost connection, a name that nobody knows.
  return /^E[A-Z_]+$/.test(code) ? `it cannot be reached (${code})` : undefined;
}

function inTheWay(cause: unknown): AppError {
  const detail = "Too many changes of the same thing came at once. Nothing was changed; try again.";
  return new AppError("busy", detail, { retryAfterMs: 1_000 }, cause);
}

function damaged(cause: unknown): AppError {
  const detail = "The database is damaged. Whoever runs the server has to restore it from a backup.";
  return new AppError("store_damaged", detail, {}, cause);
}
