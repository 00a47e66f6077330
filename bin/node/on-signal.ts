// Ctrl-C, and TERM of whatever started this program: the first asks for an end in order, a second one ends at once.

/** One Ctrl-C comes twice: from the terminal, and from npm, which passes it on. */
const SAME_SIGNAL_MS = 500;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** `end` gives the signals back. */
export function onSignal(): { signal: AbortSignal; end(): void } {
  const asked = new AbortController();
  let since: number | undefined;
  const stop = () => {
    if (since !== undefined && performance.now() - since > SAME_SIGNAL_MS) process.exit(130);
    since ??= performance.now();
    asked.abort();
  };
  for (const name of SIGNALS) process.on(name, stop);
  return {
    signal: asked.signal,
    end() {
      for (const name of SIGNALS) process.off(name, stop);
    },
  };
}
