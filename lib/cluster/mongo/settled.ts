// A write of which nobody knows whether it was done, because its answer was lost. The driver has repeated it once already; when that has
// failed as well, the document tells: it remembers which operations wrote it.
import { setTimeout as pause } from "node:timers/promises";
import { isLost, isUnknown } from "./mongo-error.ts";

/** How long one tries to find out. What is unknown then is `store_unavailable`. */
const PATIENCE_MS = 2_500;
const PAUSE_MS = 100;

/**
 * @param write does nothing where it was done before, and answers null then
 * @param look answers what it has written, null when it has not
 * @param isOver the store is being closed: nobody can find out any more
 */
export async function settled<R>(
  write: () => Promise<R | null>,
  look: () => Promise<R | null>,
  isOver: () => boolean,
): Promise<R | null> {
  try {
    return await write();
  } catch (thrown) {
    if (!isUnknown(thrown) || isOver()) throw thrown;
  }
  for (const until = performance.now() + PATIENCE_MS; ; ) {
    await pause(PAUSE_MS);
    try {
      // Looked for again at the end: the first one may land while it is repeated, which is refused then.
      return (await look()) ?? (await write()) ?? (await look());
    } catch (thrown) {
      if (!isUnknown(thrown) || isOver() || performance.now() > until) throw thrown;
    }
  }
}

/**
 * What changes nothing, asked again where only its connection was lost. Many may be lost at once, and the driver notices when they are
 * used, or a turn of the event loop later.
 */
export async function askedAgain<R>(ask: () => Promise<R>): Promise<R> {
  for (const until = performance.now() + PATIENCE_MS; ; await pause(PAUSE_MS)) {
    try {
      return await ask();
    } catch (thrown) {
      if (!isLost(thrown) || performance.now() > until) throw thrown;
    }
  }
}
