// The time that clients have for their headers and their whole request, as Node judges it: by the clock, before it has read what lies in
// the sockets. A process that stood still (suspended, starved) would turn away those whose requests came long ago. So right after that
// nobody is judged.
import type { Server } from "node:http";

/** A gap between two ticks of more than STILL_MS is a standstill; what came meanwhile is read within FAIR_AFTER_MS. */
const TICK_MS = 500;
const STILL_MS = 2_000;
const FAIR_AFTER_MS = 2_000;

type Limits = {
  headersMs: number;
  requestMs: number;
  /** Monotonic milliseconds. */
  clock?: () => number;
};

export function limitTimeFairly(
  server: Server,
  { headersMs, requestMs, clock = () => performance.now() }: Limits,
): void {
  let seenAt = clock();
  let stoodStillUntil = Number.NEGATIVE_INFINITY;
  const see = () => {
    const now = clock();
    if (now - seenAt > STILL_MS) stoodStillUntil = now;
    seenAt = now;
  };
  const ticks = setInterval(see, TICK_MS).unref();
  server.once("close", () => clearInterval(ticks));
  // Node's own look may come before our tick.
  const isFair = () => {
    see();
    return seenAt - stoodStillUntil > FAIR_AFTER_MS;
  };
  // Node reads both at each look; 0 is no limit.
  Object.defineProperty(server, "headersTimeout", { get: () => (isFair() ? headersMs : 0) });
  Object.defineProperty(server, "requestTimeout", { get: () => (isFair() ? requestMs : 0) });
}
