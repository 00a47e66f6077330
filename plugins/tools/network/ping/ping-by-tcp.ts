// Reachability without ICMP: the time that TCP connections take. A refusal is an answer too. Called by ping-host.ts.
import { setTimeout as sleep } from "node:timers/promises";
import { connectTime } from "../../../../lib/net/connect-time.ts";
import type { PingSummary } from "./ping-command.ts";

/** Open on most of what is on the internet; the one that answers first is asked again. */
export const PORTS = [443, 80];
const TIMEOUT_MS = 3_000;
const PAUSE_MS = 200;

/** @throws AbortError on the signal */
export async function pingByTcp(
  address: string,
  count: number,
  { signal, ports = PORTS }: { signal: AbortSignal; ports?: number[] },
): Promise<PingSummary & { port: number | null }> {
  const times: number[] = [];
  const port = await answeringPort(address, ports, signal);
  if (port === null)
    return { port, sent: ports.length, received: 0, min_ms: null, avg_ms: null, max_ms: null };
  for (let sent = 0; sent < count; sent += 1) {
    if (sent > 0) await sleep(PAUSE_MS, undefined, { signal });
    const { outcome, milliseconds } = await connectTime(address, port, { timeoutMs: TIMEOUT_MS, signal });
    signal.throwIfAborted();
    if (outcome !== "failed") times.push(milliseconds);
  }
  const rounded = (ms: number) => Math.round(ms * 1_000) / 1_000;
  const sum = times.reduce((total, each) => total + each, 0);
  return {
    port,
    sent: count,
    received: times.length,
    min_ms: times.length > 0 ? rounded(Math.min(...times)) : null,
    avg_ms: times.length > 0 ? rounded(sum / times.length) : null,
    max_ms: times.length > 0 ? rounded(Math.max(...times)) : null,
  };
}

async function answeringPort(address: string, ports: number[], signal: AbortSignal): Promise<number | null> {
  for (const port of ports) {
    const { outcome } = await connectTime(address, port, { timeoutMs: TIMEOUT_MS, signal });
    signal.throwIfAborted();
    if (outcome !== "failed") return port;
  }
  return null;
}
