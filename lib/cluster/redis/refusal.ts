// A server that answers and takes nothing, because it is full, cannot save, still loads: whoever writes goes on without it, until a
// probe has been taken. Only what cannot do without room proves that, so it is none of the operations.
import { KEPT } from "../../ports/keys.ts";
import type { RedisClient } from "./client.ts";
import { inTime } from "./in-time.ts";

/** Between two probes. */
const PAUSE_MS = 1_000;
const PROBE_TTL_MS = 1_000;

export class Refusal {
  readonly reason: string;
  readonly #client: RedisClient;
  readonly #operationMs: number;
  readonly #onEnd: () => Promise<void>;
  /** Reads, too. */
  #isOfAll: boolean;
  #probeAt = performance.now() + PAUSE_MS;

  /** @param onEnd called when it takes what is written again; where it throws, it is called again behind the next probe */
  constructor(
    client: RedisClient,
    { reason, isOfAll, operationMs }: { reason: string; isOfAll: boolean; operationMs: number },
    onEnd: () => Promise<void>,
  ) {
    this.#client = client;
    this.#operationMs = operationMs;
    this.reason = reason;
    this.#isOfAll = isOfAll;
    this.#onEnd = onEnd;
  }

  /** A read was refused as well. */
  extend(): void {
    this.#isOfAll = true;
  }

  /** Whether it need not be asked. Whoever asks beyond the pause lets it be probed. */
  holds(isWrite: boolean): boolean {
    if (performance.now() >= this.#probeAt) {
      this.#probeAt = performance.now() + PAUSE_MS;
      // That nothing answers is found out by others.
      const probe = this.#client.set(KEPT.probe, "", "PX", PROBE_TTL_MS);
      inTime(probe, this.#operationMs).then(this.#onEnd, () => undefined);
    }
    return isWrite || this.#isOfAll;
  }
}
