// Asks again while the server is away: it restarts, and the run that waits for us goes on then.
import { setTimeout as sleep } from "node:timers/promises";
import { GIVE_UP_MS, PAUSES } from "../../lib/client/run-stream.ts";
import { isType } from "../../lib/errors.ts";
import { UNREACHABLE } from "../terminal/server.ts";

export type Patience = { pauses?: number[] | undefined; giveUpMs?: number | undefined };

/**
 * For requests that may be sent twice.
 * @param signal ends the waiting
 * @throws what the last attempt threw: at once a refusal, after `giveUpMs` the server's absence
 */
export async function patiently<T>(
  ask: (attempt: number) => Promise<T>,
  signal: AbortSignal,
  { pauses = PAUSES, giveUpMs = GIVE_UP_MS }: Patience = {},
): Promise<T> {
  const beganAt = performance.now();
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await ask(attempt);
    } catch (thrown) {
      const isAway = isType(thrown, UNREACHABLE, "store_unavailable", "shutting_down", "busy");
      if (!isAway || signal.aborted || performance.now() - beganAt > giveUpMs) throw thrown;
      await sleep(pauses[Math.min(attempt, pauses.length - 1)], undefined, { signal });
    }
  }
}
