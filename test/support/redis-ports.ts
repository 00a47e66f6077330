// The ports on Redis as a process of a cluster opens them, with signals of the test instead of NATS.
import { openRedisPorts, type RedisPorts } from "../../lib/cluster/redis/open-redis-ports.ts";
import { processSignals } from "../../lib/embedded/memory-ports.ts";
import type { Signals } from "../../lib/ports/signals.ts";
import { type RecordingLog, recordingLog } from "./recording-log.ts";

export type OpenedRedisPorts = RedisPorts & { log: RecordingLog };
type Options = {
  signals?: Signals;
  release?: string;
  /** As the product is, which goes on without a Redis that does not answer at once: for tests of one that does not. */
  isHurried?: boolean;
};

/** Where Redis is there it is waited for: a machine that stands still for a moment is no fault of it. */
const UNHURRIED = { operationMs: 10_000, openingMs: 10_000 };

export async function openTestPorts(url: string, options: Options = {}): Promise<OpenedRedisPorts> {
  const { signals = processSignals(), release = "1.0.0", isHurried = false } = options;
  const log = recordingLog();
  return { ...(await openRedisPorts({ url, log, signals, release, ...(isHurried ? {} : UNHURRIED) })), log };
}
