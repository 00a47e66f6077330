// The ports on Redis as a process of a cluster opens them, with signals of the test instead of NATS.
import { openRedisPorts, type RedisPorts } from "../../lib/cluster/redis/open-redis-ports.ts";
import { processSignals } from "../../lib/embedded/memory-ports.ts";
import type { Signals } from "../../lib/ports/signals.ts";
import { type RecordingLog, recordingLog } from "./recording-log.ts";

export type OpenedRedisPorts = RedisPorts & { log: RecordingLog };
type Options = { signals?: Signals; release?: string };

export async function openTestPorts(url: string, options: Options = {}): Promise<OpenedRedisPorts> {
  const { signals = processSignals(), release = "1.0.0" } = options;
  const log = recordingLog();
  return { ...(await openRedisPorts({ url, log, signals, release })), log };
}
