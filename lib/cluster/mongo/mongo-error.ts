// What MongoDB and its driver throw, in the catalogue's words. Codes: MongoDB's src/mongo/base/error_codes.yml.
import {
  MongoError,
  MongoNetworkError,
  MongoNetworkTimeoutError,
  MongoNotConnectedError,
  MongoServerError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
  MongoWriteConcernError,
} from "mongodb";
import { AppError, isType, toError } from "../../errors.ts";

const TAKEN = 11000;
const WRITE_CONFLICT = 112;
/** The document itself, and as it would be after an update or an upsert. */
const TOO_LARGE = new Set([10334, 17419, 17420]);

/** Why it cannot be used, by code. */
const UNAVAILABLE: Record<number, string> = {
  6: "the connection to it was lost",
  7: "the connection to it was lost",
  11: "it refuses the user or the password of its URL",
  13: "the user of its URL may not do this",
  18: "it refuses the user or the password of its URL",
  20: "it is a server alone, and has to be a replica set (start it with --replSet and rs.initiate())",
  50: "it did not answer in time",
  64: "too few of its members confirm what is written",
  89: "the connection to it was lost",
  91: "it is shutting down",
  133: "it has no primary now",
  189: "its primary is changing",
  202: "it did not answer in time",
  262: "it did not answer in time",
  8000: "it refuses the user or the password of its URL",
  9001: "the connection to it was lost",
  10107: "its primary is changing",
  11600: "it is shutting down",
  11602: "its primary is changing",
  13435: "its primary is changing",
  13436: "its primary is changing",
  14031: "its disk is full",
};
/** A wrong user or right, or a server that is not what is needed: waiting does not help. */
const LASTING = new Set([11, 13, 18, 20, 8000]);
const LOST = "the connection to it was lost";
const NOT_TLS = /ssl|tls|certificate|altname|self.signed/i;

/** `duplicate_key`, `body_too_large`, `store_unavailable`, `busy`, or the error itself when it is a fault in what was asked. */
export function mongoError(thrown: unknown): unknown {
  if (thrown instanceof AppError) return thrown;
  // Of a start, in words for a person.
  const { cause } = toError(thrown);
  if (cause instanceof AppError) return cause;
  const code = codeOf(thrown);
  if (code === TAKEN)
    return new AppError("duplicate_key", "One of its unique fields is there already.", {}, thrown);
  if (TOO_LARGE.has(code)) return tooLarge(thrown);
  if (code === WRITE_CONFLICT) {
    const detail = "Too many changes of the same thing came at once. Nothing was changed; try again.";
    return new AppError("busy", detail, { retryAfterMs: 1_000 }, thrown);
  }
  const reason = reasonOf(thrown);
  return reason === undefined ? thrown : storeUnavailable(reason, thrown);
}

export const isTaken = (thrown: unknown): boolean => codeOf(thrown) === TAKEN;

/** Whether nobody knows what became of a write that ended with this. */
export function isUnknown(error: unknown): boolean {
  return isType(error, "store_unavailable") && !LASTING.has(codeOf(toError(error).cause));
}

/** Whether only a connection was lost, as far as one knows: others may stand, and the server be well. */
export function isLost(error: unknown): boolean {
  if (!isType(error, "store_unavailable")) return false;
  const { cause } = toError(error);
  return (
    isOfSocket(cause) || (cause instanceof MongoNetworkError && !(cause instanceof MongoNetworkTimeoutError))
  );
}

/** The driver lets some through as the system threw them, and repeats none of those. */
function isOfSocket(thrown: unknown): boolean {
  const { code, path } = (thrown ?? {}) as { code?: unknown; path?: unknown };
  return typeof code === "string" && /^E[A-Z]+$/.test(code) && path === undefined;
}

/** Whether waiting helps whoever starts. */
export function mayComeBack(error: unknown): boolean {
  if (!isUnknown(error)) return false;
  return !NOT_TLS.test(wordsOf(toError(error).cause));
}

/** @param reason in words, e.g. "its disk is full" */
export function storeUnavailable(reason: string, cause?: unknown): AppError {
  return new AppError(
    "store_unavailable",
    `The document store cannot be used now: ${reason}. Try again.`,
    { retryAfterMs: 5_000 },
    cause,
  );
}

export function tooLarge(cause?: unknown): AppError {
  const detail =
    "It is too much for one document, which ends at 16 MiB. Nothing was changed; send less at once.";
  return new AppError("body_too_large", detail, {}, cause);
}

function codeOf(thrown: unknown): number {
  return thrown instanceof MongoServerError ? Number(thrown.code) : 0;
}

function reasonOf(thrown: unknown): string | undefined {
  const known = UNAVAILABLE[codeOf(thrown)];
  if (known !== undefined) return known;
  if (thrown instanceof MongoWriteConcernError) return UNAVAILABLE[64];
  if (thrown instanceof MongoServerSelectionError) return selectionReason(thrown);
  if (thrown instanceof MongoTopologyClosedError || thrown instanceof MongoNotConnectedError)
    return "the server is shutting down";
  if (thrown instanceof MongoNetworkError) return NOT_TLS.test(wordsOf(thrown)) ? noTls() : LOST;
  if (!(thrown instanceof MongoError)) return isOfSocket(thrown) ? LOST : undefined;
  // Others of the driver that say by a label, or by their name, that it was the connection and not the question.
  if (thrown.hasErrorLabel("RetryableWriteError") || thrown.hasErrorLabel("ResetPool")) return LOST;
  if (/Timeout/.test(thrown.name)) return "it did not answer in time, or all connections to it are busy";
  if (/Pool|Closed|ExpiredSession/.test(thrown.name)) return LOST;
  if (/StalePrimary|UnexpectedServerResponse/.test(thrown.name)) return "its primary is changing";
  return undefined;
}

function selectionReason(thrown: MongoServerSelectionError): string {
  const words = wordsOf(thrown);
  if (NOT_TLS.test(words)) return noTls();
  const code = /\bE[A-Z]{4,}\b/.exec(words)?.[0];
  if (code !== undefined) return `it cannot be reached (${code})`;
  return "it cannot be reached, or has no primary now";
}

const noTls = () => "it does not speak TLS, or its certificate is not for it";

/** The words of an error and of what it is from; of the driver, never of a URL. */
function wordsOf(thrown: unknown): string {
  if (!Error.isError(thrown)) return "";
  const { code = "" } = thrown as { code?: unknown };
  return `${String(code)} ${thrown.message} ${wordsOf(thrown.cause)}`;
}
