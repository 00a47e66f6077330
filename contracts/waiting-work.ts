// Work that waits (lib/ports/work.ts) as admins see it: what was given up, and how to let it wait again.
import { z } from "zod";
import { wholeNumber } from "./whole-number.ts";

/** Oldest first. */
export const deadLettersParams = z.strictObject({ limit: wholeNumber(1, 1_000, 100) });
export const deadLetterParams = z.strictObject({ id: z.string().min(1).max(128) });

/** `failed`: after its last attempt; `expired`: it was not begun in time. `error` is what the last attempt said. */
export type ShownDeadLetter = {
  id: string;
  queue: string;
  attempt: number;
  reason: "failed" | "expired";
  error: string;
  payload: unknown;
};
