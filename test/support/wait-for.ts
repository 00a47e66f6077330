// Waits for a condition, never for a time: looks again until it holds, and gives up far beyond what any machine needs.
// Whoever waits for many processes at once says how far that is, below the limit of the test.
const LIMIT_MS = 100_000;
const PAUSE_MS = 20;

/** The first value that is neither undefined, null nor false. @throws with `what` when it never comes */
export async function waitFor<T>(
  what: string,
  look: () => Promise<T | undefined | null | false> | T | undefined | null | false,
  limitMs = LIMIT_MS,
): Promise<T> {
  const until = performance.now() + limitMs;
  for (;;) {
    const value = await look();
    if (value !== undefined && value !== null && value !== false) return value;
    if (performance.now() > until) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
