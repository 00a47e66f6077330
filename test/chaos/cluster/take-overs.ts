// How long the runs of an agent that was killed are nobody's: from its death until each of them has another owner, or has ended.
import { setTimeout as sleep } from "node:timers/promises";
import type { Stores } from "./stores.ts";

/** By `performance.now()`. */
export type TakeOver = { run: string; from: number; to: number };

const EVERY_MS = 250;

/** @param isOver gives up then: what is left is found by the auditor */
export async function watchTakeOver(
  stores: Stores,
  owner: string,
  isOver: () => boolean,
): Promise<TakeOver[]> {
  const from = performance.now();
  const left = new Map<string, number>();
  const taken: TakeOver[] = [];
  let isKnown = false;
  while (!isOver()) {
    // A store that is away says nothing.
    const open = await stores.openRuns(owner).catch(() => undefined);
    const to = performance.now();
    if (open) {
      const now = new Set(open.map(({ _id }) => _id));
      if (!isKnown) for (const id of now) left.set(id, 0);
      isKnown = true;
      for (const id of left.keys())
        if (!now.has(id)) {
          left.delete(id);
          taken.push({ run: id, from, to });
        }
      if (left.size === 0) return taken;
    }
    await sleep(EVERY_MS);
  }
  return taken;
}
