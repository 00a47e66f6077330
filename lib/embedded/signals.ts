// Signals in one process: a table of listeners.
import { AsyncLocalStorage } from "node:async_hooks";
import type { Signals } from "../ports/signals.ts";

/** Listeners run at once; what they do is no part of the moment in which somebody published. */
export function processSignals(): Signals {
  const listeners = new Map<string, Set<(data: unknown) => void>>();
  const outsideMoments = AsyncLocalStorage.snapshot();
  return {
    publish(subject, data) {
      const told = listeners.get(subject);
      if (told) outsideMoments(() => [...told].forEach((listener) => void listener(data)));
    },
    subscribe(subject, listener) {
      const told = listeners.get(subject) ?? new Set();
      listeners.set(subject, told.add(listener));
      return () => {
        told.delete(listener);
        if (told.size === 0 && listeners.get(subject) === told) listeners.delete(subject);
      };
    },
  };
}
