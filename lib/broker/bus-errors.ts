// Moleculer's own errors in the catalogue's words: what a call meets when nobody answers it.
import { type ErrorType, isType, typeOf } from "../errors.ts";

const OF_THE_BUS = new Map<string, ErrorType>([
  ["REQUEST_TIMEOUT", "request_timeout"],
  ["REQUEST_SKIPPED", "request_timeout"],
  // The process that was asked is gone or cannot be heard: what it was asked for may have been done.
  ["REQUEST_REJECTED", "request_timeout"],
  ["QUEUE_FULL", "busy"],
  ["SERVICE_NOT_FOUND", "busy"],
  ["SERVICE_NOT_AVAILABLE", "busy"],
  // The bus is not joined yet, or left already.
  ["BAD_GATEWAY", "busy"],
]);

/** The type in our words, or undefined when it is no error of the bus. */
export function busErrorType(thrown: unknown): ErrorType | undefined {
  return OF_THE_BUS.get(String((thrown as { type?: unknown } | null)?.type));
}

/** Whether it took longer than its time-out, here: what an endpoint is judged by. Nobody is judged by a process that is gone. */
export function isTimeOut(thrown: unknown): boolean {
  return busErrorType(thrown) === "request_timeout" && !isRejected(thrown);
}

function isRejected(thrown: unknown): boolean {
  return (thrown as { type?: unknown } | null)?.type === "REQUEST_REJECTED";
}

/** Whether nobody answered in time: what was asked for may still happen, so it must not be undone. */
export function isUnanswered(thrown: unknown): boolean {
  return (typeOf(thrown) ?? busErrorType(thrown)) === "request_timeout";
}

/** Whether the same may well succeed in a moment: a store is away, nobody answers, somebody starts or stops. */
export function isPassing(thrown: unknown): boolean {
  const type = typeOf(thrown) ?? busErrorType(thrown);
  return isType({ type }, "store_unavailable", "store_damaged", "busy", "request_timeout", "shutting_down");
}
