// Whether and when a model is asked again after a failure: backoff with full jitter, `Retry-After` honoured, all within the
// run's deadline (G13). Pure.
import { type AppError, isType } from "../../../lib/errors.ts";
import type { RejectedReason } from "../../../plugins/models/wire/provider-error.ts";

/** Questions to one model before the next is tried. */
const MAX_ATTEMPTS = 3;
/** A model that had nothing to say twice has nothing to say. */
const MAX_OF_NOTHING = 2;
const BASE_MS = 500;
const CAP_MS = 8_000;
/** A provider that wants more patience than this is left for the next model. */
const MOST_PATIENCE_MS = 30_000;

/** How often a model is asked in all, as long as it fails like this. */
export function attemptsAt(error: AppError): number {
  return isType(error, "model_empty") ? MAX_OF_NOTHING : MAX_ATTEMPTS;
}

/**
 * Milliseconds to wait before the next question, or undefined when the same model is not to be asked again.
 *
 * @param failed questions to this model that have failed, from 1
 * @param leftMs until the run's deadline
 * @param random from 0 to 1 (AWS architecture blog, "Exponential backoff and jitter": full jitter)
 */
export function nextDelay(
  error: AppError,
  failed: number,
  leftMs: number,
  random: () => number,
): number | undefined {
  if (failed >= attemptsAt(error) || isType(error, "model_rejected", "model_filtered")) return undefined;
  const wanted = error.data.retryAfterMs ?? 0;
  if (wanted > MOST_PATIENCE_MS) return undefined;
  const delay = Math.max(wanted, random() * Math.min(CAP_MS, BASE_MS * 2 ** (failed - 1)));
  return delay < leftMs ? delay : undefined;
}

const FAULTS_OF_THE_PROMPT: RejectedReason[] = ["context_length", "bad_request"];

/**
 * Whether another model may do better: a request that is itself at fault is not sent around, and says nothing about the
 * provider.
 */
export function mayFallBack(error: AppError): boolean {
  return (
    !isType(error, "model_filtered") && !FAULTS_OF_THE_PROMPT.some((reason) => isRejected(error, reason))
  );
}

/** The question does not fit the model: one with a larger window may take it. */
export function isTooLong(error: AppError): boolean {
  return isRejected(error, "context_length");
}

/**
 * Whether the model's provider is the worse for it: not when the request is at fault, asks for what the model does not do, or
 * was answered badly.
 */
export function isProvidersFault(error: AppError): boolean {
  const isBadAnswer = isType(error, "model_empty", "model_malformed_call", "model_ended");
  return mayFallBack(error) && !isBadAnswer && !isRejected(error, "no_tools");
}

function isRejected(error: AppError, reason: RejectedReason): boolean {
  return error.data.show?.reason === reason;
}

/** What happened, without what to do about it. */
export function reasonOf({ message }: AppError): string {
  return message.split(/; | \(its content filter\)/)[0] ?? message;
}
