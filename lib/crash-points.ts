// Places where a test lets a process die (`CRASH_AT`): behind the operations of moments (moments.ts), around the writes of a node's journal,
// on the way of a call to a Mac and back.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Dies where it is the point that is wanted. @param point `<moment>.<operation>`, or what else a list of points names */
export type Crash = (point: string) => Promise<void> | undefined;

/**
 * A function that dies at the wanted point and does nothing elsewhere. What was written before is made durable first:
 * the hardest case for recovery, because half of a moment is there.
 * @param points those there are
 * @param flush commits what the stores hold back
 */
export function crashAt(
  wanted: string | undefined,
  points: readonly string[],
  home: string,
  flush: () => Promise<void>,
): Crash {
  if (wanted === undefined) return () => undefined;
  if (!points.includes(wanted))
    throw new Error(`CRASH_AT=${wanted} is no crash point; there are: ${points.join(", ")}`);
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
