// What goes wrong on the way to NATS, in words: for whoever starts the server, or as an error of the catalogue.
import {
  AuthorizationError,
  InvalidArgumentError,
  PermissionViolationError,
  TimeoutError,
  UserAuthenticationExpiredError,
} from "nats";
import { AppError, toError } from "../../errors.ts";

const RETRY_AFTER_MS = 5_000;

/** @param reason in words, e.g. "NATS is away" */
export function storeUnavailable(reason: string, cause?: unknown): AppError {
  return new AppError(
    "store_unavailable",
    `The server cannot store anything now: ${reason}. Nothing was lost; try again.`,
    { retryAfterMs: RETRY_AFTER_MS },
    cause,
  );
}

/** What the client library or the server made of a request, as an error of the catalogue. */
export function natsFailure(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const { name, message } = refusalIn(toError(thrown));
  // Errors of the server's own are told as it words them: full disks, missing rights, no leader.
  const known =
    name === "JetStreamApiError" || name === "JetStreamStatusError" || name === "PermissionViolationError";
  return storeUnavailable(known ? `NATS says "${message}"` : "NATS does not answer", thrown);
}

/** The server's word that a subject may not be used, which the library puts behind an error of the request. */
const refusalIn = (error: Error): Error =>
  error.cause instanceof PermissionViolationError ? error.cause : error;

/** Why there is no connection, for a person. @param where addresses without credentials @param variable that holds them */
export function connectProblem(thrown: unknown, where: string, variable: string): Error {
  return new Error(words(thrown, where, variable), { cause: thrown });
}

const UNKNOWN_NAME = new Set(["ENOTFOUND", "EAI_AGAIN", "EAI_FAIL"]);
const ENDED = new Set(["ECONNRESET", "EPIPE"]);
const CERTIFICATE = /CERT|SELF_SIGNED|ISSUER|SIGNATURE|ALTNAME/;

function words(thrown: unknown, where: string, variable: string): string {
  const error = toError(thrown ?? "the connection was closed");
  const code = codeOf(error);
  if (thrown instanceof AuthorizationError || thrown instanceof UserAuthenticationExpiredError)
    return `NATS at ${where} does not accept the credentials. Check user and password (or token) in ${variable}, or the credentials file.`;
  if (code === "ECONNREFUSED")
    return `There is no NATS at ${where}: the connection was refused. Start nats-server, or correct ${variable}.`;
  if (UNKNOWN_NAME.has(code))
    return `There is no NATS at ${where}: the name of the host is not known. Correct ${variable}.`;
  if (thrown instanceof TimeoutError || code === "ETIMEDOUT")
    return `What listens at ${where} did not answer as NATS does in time. Check ${variable}, and that nats-server runs and is not overloaded.`;
  if (CERTIFICATE.test(code))
    return `The certificate of NATS at ${where} is not trusted (${error.message}). Give the certificate of the authority that signed it.`;
  if (thrown instanceof InvalidArgumentError || /'tls'/.test(error.message))
    return `NATS at ${where} has no TLS, and ${variable} asks for it. Give nats-server a certificate.`;
  // The library's words for a socket that ends without a reason.
  if (ENDED.has(code) || /undefined error|connection was closed/.test(error.message))
    return `What listens at ${where} closed the connection before it said what it is: a NATS server that starts or stops, or none at all. Try again, or correct ${variable}.`;
  if (/unexpected response|JSON/.test(error.message))
    return `What listens at ${where} is no NATS server. Correct ${variable}.`;
  return `NATS at ${where} cannot be used: ${error.message}.`;
}

/** Of the error or of what is behind it. */
function codeOf(error: Error): string {
  const code =
    (error as NodeJS.ErrnoException).code ?? (error.cause as NodeJS.ErrnoException | undefined)?.code;
  return typeof code === "string" ? code : "";
}
