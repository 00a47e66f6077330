// For tests: `CRASH_AT=<point>` kills the process at a named place with SIGKILL, once per data folder.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const CRASH_POINTS = [
  "accept.hold",
  "accept.run",
  "accept.session",
  "accept.message",
  "model.asked",
  "model.first_token",
  "model.answered",
  "tool.sent",
  "tool.answered",
  "approval.asked",
  "approval.answered",
  "finish.message",
  "finish.settled",
  "finish.released",
  "finish.done",
] as const;
export type CrashPoint = (typeof CRASH_POINTS)[number];

export type Crash = (point: CrashPoint) => Promise<void> | undefined;

/**
 * A function that dies at the wanted point and does nothing elsewhere. What was written before is made durable first:
 * the hardest case for recovery, because half of a moment is there.
 * @param flush commits what the stores hold back
 */
export function crashAt(wanted: string | undefined, home: string, flush: () => Promise<void>): Crash {
  if (wanted === undefined) return () => undefined;
  if (!(CRASH_POINTS as readonly string[]).includes(wanted))
    throw new Error(`CRASH_AT=${wanted} is no crash point; there are: ${CRASH_POINTS.join(", ")}`);
  const marker = join(home, `crashed-at-${wanted}`);
  return (point) => (point === wanted && !existsSync(marker) ? die(marker, flush) : undefined);
}

async function die(marker: string, flush: () => Promise<void>): Promise<void> {
  writeFileSync(marker, "");
  await flush();
  process.kill(process.pid, "SIGKILL");
  // The signal comes at once, but not before this line: nothing may go on.
  await new Promise<never>(() => {});
}
