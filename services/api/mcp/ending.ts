// What waits in a gateway that shuts down is answered before it is cut off: the clients of this protocol would wait on.
import { AppError } from "../../../lib/errors.ts";

/** Less than the gateway gives its last requests (stop-server.ts), in milliseconds. */
const GRACE_MS = 1_200;

/** Nothing is lost by asking again. */
const askAgain = () =>
  new AppError("shutting_down", "The server is shutting down. Ask again when it is back.", {
    retryAfterMs: 5_000,
  });
const nobodyKnows = () =>
  new AppError(
    "request_timeout",
    "The server was shut down while this ran: nobody knows how far it got. Look before you ask for it again.",
  );

/** @throws shutting_down as soon as the gateway ends, and what the work throws */
export function unlessEnding<T>(ending: AbortSignal, work: Promise<T>): Promise<T> {
  return orElse(ending, work, 0, askAgain);
}

/** For what must not be done twice: it gets a moment to end. @throws request_timeout, and what the work throws */
export function unlessCutOff<T>(ending: AbortSignal, work: Promise<T>): Promise<T> {
  return orElse(ending, work, GRACE_MS, nobodyKnows);
}

async function orElse<T>(
  ending: AbortSignal,
  work: Promise<T>,
  graceMs: number,
  why: () => AppError,
): Promise<T> {
  const cut = Promise.withResolvers<never>();
  let timer: NodeJS.Timeout | undefined;
  const end = () => {
    timer = setTimeout(() => cut.reject(why()), graceMs);
  };
  ending.addEventListener("abort", end, { once: true });
  if (ending.aborted) end();
  try {
    return await Promise.race([work, cut.promise]);
  } finally {
    ending.removeEventListener("abort", end);
    clearTimeout(timer);
  }
}
