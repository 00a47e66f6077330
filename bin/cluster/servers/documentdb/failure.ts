// What went wrong, as MongoDB's clients know it: a number, a name and labels that say what they may repeat.
import pg from "pg";

/** The answer to a command that has failed. */
export type Failure = { ok: 0; code: number; codeName: string; errmsg: string; errorLabels?: string[] };

/** Thrown by commands where MongoDB has an answer of its own. */
export class CommandFailure extends Error {
  readonly code: Code;

  constructor(code: Code, message: string) {
    super(message);
    this.code = code;
  }
}

export type Code = readonly [number, string];

export const WRITE_CONFLICT: Code = [112, "WriteConflict"];
export const CURSOR_NOT_FOUND: Code = [43, "CursorNotFound"];
export const COMMAND_NOT_FOUND: Code = [59, "CommandNotFound"];
export const NO_SUCH_TRANSACTION: Code = [251, "NoSuchTransaction"];
export const NAMESPACE_NOT_FOUND: Code = [26, "NamespaceNotFound"];
const INTERNAL: Code = [1, "InternalError"];
const DUPLICATE_KEY: Code = [11000, "DuplicateKey"];

/** By SQLSTATE: those of DocumentDB ("M", its own numbers) that this project can meet, and PostgreSQL's. */
const CODES: Record<string, Code> = {
  M0001: [2, "BadValue"],
  M0003: [9, "FailedToParse"],
  M0004: [14, "TypeMismatch"],
  M0008: NAMESPACE_NOT_FOUND,
  M0009: [27, "IndexNotFound"],
  M000A: [28, "PathNotViable"],
  M000D: [40, "ConflictingUpdateOperators"],
  M000E: CURSOR_NOT_FOUND,
  M000F: [48, "NamespaceExists"],
  M000G: [52, "DollarPrefixedFieldName"],
  M000J: [56, "EmptyFieldName"],
  M000K: [57, "DottedFieldName"],
  M000M: [66, "ImmutableField"],
  M000N: [67, "CannotCreateIndex"],
  M000P: [72, "InvalidOptions"],
  M000Q: [73, "InvalidNamespace"],
  M000R: [85, "IndexOptionsConflict"],
  M000S: [86, "IndexKeySpecsConflict"],
  M000U: [115, "CommandNotSupported"],
  M0012: [197, "InvalidIndexSpecificationOption"],
  M0016: [263, "OperationNotSupportedInTransaction"],
  M001B: [10334, "BSONObjectTooLarge"],
  M001C: DUPLICATE_KEY,
  M003A: [17419, "Location17419"],
  M003B: [17420, "Location17420"],
  M0088: [40415, "Location40415"],
  M00EX: [50, "MaxTimeMSExpired"],
  M00F1: WRITE_CONFLICT,
  23505: DUPLICATE_KEY,
  "23P01": DUPLICATE_KEY,
  40001: WRITE_CONFLICT,
  "40P01": WRITE_CONFLICT,
  "55P03": WRITE_CONFLICT,
  57014: [50, "MaxTimeMSExpired"],
};

export function codeOf(sqlState: string): Code {
  return CODES[sqlState] ?? INTERNAL;
}

/** In DocumentDB's own answers a SQLSTATE is a number, six bits a character from "0" on, the first one lowest. */
export function sqlStateOf(packed: number): string {
  return String.fromCharCode(...[0, 6, 12, 18, 24].map((shift) => 48 + ((packed >> shift) & 63)));
}

/** PostgreSQL did not refuse the command: it is not there, or went away over it. Nobody knows what became of it. */
export function isAway(error: unknown): boolean {
  if (error instanceof CommandFailure) return false;
  return !(error instanceof pg.DatabaseError) || /^(08|57P)/.test(error.code ?? "");
}

/** Two who waited for each other, or one for too long. MongoDB repeats those by itself outside of transactions. */
export function isConflict(error: unknown): boolean {
  return error instanceof pg.DatabaseError && codeOf(error.code ?? "") === WRITE_CONFLICT;
}

export function failureOf(error: unknown, isTransaction: boolean): Failure {
  const [code, message] =
    error instanceof CommandFailure
      ? [error.code, error.message]
      : [
          codeOf((error as pg.DatabaseError).code ?? ""),
          `${(error as pg.DatabaseError).code} ${String(error)}`,
        ];
  return failure(code, message, isTransaction);
}

/** Who gets a transient one in a transaction begins it anew. */
export function failure(code: Code, errmsg: string, isTransaction: boolean): Failure {
  const isTransient = isTransaction && (code === WRITE_CONFLICT || code === NO_SUCH_TRANSACTION);
  const errorLabels = isTransient ? { errorLabels: ["TransientTransactionError"] } : {};
  return { ok: 0, code: code[0], codeName: code[1], errmsg, ...errorLabels };
}
