// What the bus itself says to the caller of a request that it cannot carry there, or whose answer it cannot carry back.
import { AppError } from "../../errors.ts";

export function unanswered(): AppError {
  return new AppError(
    "request_timeout",
    "The connection between the server's services was cut while this was under way. It may have been done.",
  );
}

export function away(): AppError {
  return new AppError(
    "busy",
    "The services of the server cannot reach one another now: NATS is away. Nothing was done; try again.",
    { retryAfterMs: 2_000 },
  );
}

export function left(): AppError {
  return new AppError(
    "busy",
    "The process that was asked stopped before it began. Nothing was done; try again.",
    {
      retryAfterMs: 1_000,
    },
  );
}

export function stoodStill(): AppError {
  return new AppError(
    "busy",
    "The process that was asked stood still and had not begun. Nothing was done; try again.",
    { retryAfterMs: 1_000 },
  );
}

export function requestTooLarge(bytes: number, most: number): AppError {
  return new AppError(
    "request_too_large",
    `What is asked has ${bytes} bytes; the services of the server pass on ${most} at most. Nothing was done; send less at once.`,
  );
}

export function answerTooLarge(bytes: number, most: number): AppError {
  return new AppError(
    "answer_too_large",
    `The answer has ${bytes} bytes; the services of the server pass on ${most} at most. What was asked has been done; ask for less at once.`,
  );
}

const RETRY_AFTER_MS = 5_000;

export function requestNotHandedOver(bytes: number): AppError {
  return new AppError(
    "store_unavailable",
    `What is asked has ${bytes} bytes, which go by the store of objects, and that cannot be used now. Nothing was done; try again.`,
    { retryAfterMs: RETRY_AFTER_MS },
  );
}

export function answerNotHandedOver(bytes: number): AppError {
  return new AppError(
    "store_unavailable",
    `The answer has ${bytes} bytes, which go by the store of objects, and that cannot be used now. What was asked has been done.`,
    { retryAfterMs: RETRY_AFTER_MS },
  );
}

export function requestNotRead(cause: unknown): AppError {
  return new AppError(
    "store_unavailable",
    "What is asked could not be read from the store of objects. Nothing was done; try again.",
    { retryAfterMs: RETRY_AFTER_MS },
    cause,
  );
}

export function answerNotRead(cause: unknown): AppError {
  return new AppError(
    "store_unavailable",
    "The answer could not be read from the store of objects. What was asked has been done.",
    { retryAfterMs: RETRY_AFTER_MS },
    cause,
  );
}
