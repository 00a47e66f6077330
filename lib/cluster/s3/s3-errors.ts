// What goes wrong on the way to S3: an error of the catalogue for who asked, and a sentence for whoever runs the server.
import { AppError, toError } from "../../errors.ts";

const RETRY_AFTER_MS = 5_000;

type Words = { reason: string; advice: string };
const KEYS = "Check key and secret in S3_URL.";
const BY_NAME: Record<string, Words> = {
  NoSuchBucket: {
    reason: "its bucket does not exist",
    advice: "Make the bucket, or correct it in S3_URL.",
  },
  InvalidAccessKeyId: { reason: "it does not know the access key", advice: KEYS },
  SignatureDoesNotMatch: { reason: "it does not accept the secret", advice: KEYS },
  AccessDenied: {
    reason: "the access key may not do this",
    advice:
      "Let it get, put, delete and list the objects of the bucket (s3:GetObject, s3:PutObject, s3:DeleteObject, s3:ListBucket).",
  },
  PermanentRedirect: {
    reason: "the bucket lies in another region",
    advice: "Give its region in S3_URL: ?region=….",
  },
  AuthorizationHeaderMalformed: {
    reason: "the bucket lies in another region",
    advice: "Give its region in S3_URL: ?region=….",
  },
  RequestTimeTooSkewed: {
    reason: "the clocks of the machines differ too much",
    advice: "Set the clock of this machine.",
  },
  SlowDown: { reason: "it has too much to do", advice: "It is asked again." },
  XMinioStorageFull: { reason: "its disk is full", advice: "Make room." },
};
const BY_CODE: Record<string, Words> = {
  ECONNREFUSED: { reason: "the connection was refused", advice: "Start it, or correct S3_URL." },
  ENOTFOUND: { reason: "the name of the host is not known", advice: "Correct S3_URL." },
  EAI_AGAIN: { reason: "the name of the host is not known now", advice: "Look after the name service." },
};
const LATE: Words = {
  reason: "it did not answer in time",
  advice: "See that it runs and is not overloaded.",
};
const CUT: Words = { reason: "the connection broke off", advice: "See that it runs." };

/** Why it cannot be used, in words without secrets. */
export function wordsOf(thrown: unknown): Words {
  if (thrown === undefined) return CUT;
  const { name, message } = toError(thrown);
  const { $metadata } = thrown as { $metadata?: { httpStatusCode?: number } };
  const code = codeOf(thrown);
  const known = BY_NAME[name] ?? BY_CODE[code];
  if (known) return known;
  if (name === "TimeoutError" || name === "AbortError" || code === "ETIMEDOUT") return LATE;
  if (/CERT|SELF_SIGNED|ISSUER|ALTNAME/.test(code))
    return {
      reason: `its certificate is not trusted (${code})`,
      advice: "Give the authority's certificate in NODE_EXTRA_CA_CERTS.",
    };
  const status = $metadata?.httpStatusCode;
  if (status === undefined) return code ? { ...CUT, reason: `${CUT.reason} (${code})` } : CUT;
  if (/deserializ|parse|XML/i.test(message) || status < 300)
    return { reason: "what answers there is no S3 store", advice: "Correct S3_URL." };
  return { reason: `it answered ${status} (${name})`, advice: "See what its log says." };
}

/** @param thrown an error of the catalogue stays what it is */
export function s3Failure(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  return new AppError(
    "store_unavailable",
    `The store of objects cannot be used now: ${wordsOf(thrown).reason}. Nothing was lost; try again.`,
    { retryAfterMs: RETRY_AFTER_MS },
    thrown,
  );
}

/** Whether the request may never have reached it: a connection that ended while nobody used it. */
export function isCut(thrown: unknown): boolean {
  const { $metadata } = (thrown ?? {}) as { $metadata?: { httpStatusCode?: number } };
  const code = codeOf(thrown);
  return $metadata?.httpStatusCode === undefined && (code === "ECONNRESET" || code === "EPIPE");
}

/** Of the system. The client keeps only the words of an error that it does not know as one (one of another realm). */
function codeOf(thrown: unknown): string {
  const { code, message } = toError(thrown) as NodeJS.ErrnoException;
  if (typeof code === "string") return code;
  return /socket hang up/.test(message) ? "ECONNRESET" : (/\bE[A-Z_]{3,}\b/.exec(message)?.[0] ?? "");
}
