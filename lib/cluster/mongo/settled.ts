// A write of which nobody knows whether it was done, because its answer was lost. The driver has repeated it once already; when that has
// failed as well, the document tells: it remembers which operations wrote it.
import { setTimeout as pause } from "node:timers/promises";
import { isUnknown } from "./mongo-error.ts";

/** How long one tries to find out. What is unknown then is `store_unavailable`. */
const PATIENCE_MS = 5_000;
const PAUSE_MS = 100;

/**
 * @param write does nothing where it was done before, and answers null then
 * @param look answers what it has written, null when it has not
 */
export async function settled<R>(
  write: () => Promise<R | null>,
  look: () => Promise<R | null>,
): Promise<R | null> {
  try {
    return await write();
  } catch (thrown) {
    if (!isUnknown(thrown)) throw thrown;
  }
  for (const until = performance.now() + PATIENCE_MS; ; await pause(PAUSE_MS)) {
    try {
      // Looked for again at the end: the first one may land while it is repeated, which is refused then.
      return (await look()) ?? (await write()) ?? (await look());
    } catch (thrown) {
      if (!isUnknown(thrown) || performance.now() > until) throw thrown;
    }
  }
}
