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
