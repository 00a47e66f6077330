// What of a server can be found out in bounded time, or why not, in words.
import { within } from "../../../lib/cluster/within.ts";
import { toError } from "../../../lib/errors.ts";

export type Found<State> = { state: State } | { problem: string };

const LIMIT_MS = 20_000;

/** @param late the words when it takes too long. Never throws. */
export function withinTime<State>(asked: Promise<State>, late: string): Promise<Found<State>> {
  const found = asked.then(
    (state): Found<State> => ({ state }),
    (thrown: unknown): Found<State> => ({ problem: toError(thrown).message }),
  );
  return within(LIMIT_MS, found, { problem: late });
}
