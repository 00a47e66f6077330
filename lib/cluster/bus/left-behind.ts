// Removes what was handed over and never fetched: its reader died, or did not wait any longer. So nothing of anybody's lies in the store
// for longer than two hours, also when the account it was of is removed.
import { MOST_LISTED, type Objects } from "../../ports/objects.ts";
import { ON_THEIR_WAY } from "./large-parts.ts";

/** Nobody waits so long; the store's clock and ours may be minutes apart. */
export const LEFT_AFTER_MS = 3_600_000;

/** @returns how many were removed. Safe to repeat, also in several processes at once */
export async function removeLeftBehind(objects: Objects, olderThanMs = LEFT_AFTER_MS): Promise<number> {
  const before = Date.now() - olderThanMs;
  let removed = 0;
  let after: string | undefined;
  for (;;) {
    const page = await objects.list(ON_THEIR_WAY, after === undefined ? {} : { after });
    for (const { key, modifiedMs } of page)
      if (modifiedMs <= before) {
        await objects.remove(key);
        removed += 1;
      }
    after = page.at(-1)?.key;
    if (page.length < MOST_LISTED) return removed;
  }
}
