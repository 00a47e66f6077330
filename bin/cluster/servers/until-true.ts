// Waits for a condition of a server, never for a time: looks again until it holds, and gives up far beyond what any machine needs.
import { setTimeout as sleep } from "node:timers/promises";

const LIMIT_MS = 100_000;
const PAUSE_MS = 20;

/** @throws Error that names what never came */
export async function untilTrue(what: string, look: () => Promise<boolean> | boolean): Promise<void> {
  const until = performance.now() + LIMIT_MS;
  while (!(await look())) {
    if (performance.now() > until) throw new Error(`never happened: ${what}`);
    await sleep(PAUSE_MS);
  }
}
