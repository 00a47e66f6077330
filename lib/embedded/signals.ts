// Signals in one process: a table of listeners.
import { AsyncLocalStorage } from "node:async_hooks";
import type { Signals } from "../ports/signals.ts";
import { reportDefect } from "../report-defect.ts";

type Listener = (data: unknown) => void;
const AT_ONCE = Promise.resolve();

/**
 * Listeners run at once; what they do is no part of the moment in which somebody published.
 * @param report told what a listener threw
 */
export function processSignals(report: (thrown: unknown) => void = reportDefect): Signals {
  const listeners = new Map<string, Set<Listener>>();
  const outsideMoments = AsyncLocalStorage.snapshot();
  const tell = (listener: Listener, data: unknown) => {
    try {
      listener(data);
    } catch (thrown) {
      report(thrown);
    }
  };
  return {
    publish(subject, data) {
      const told = listeners.get(subject);
      if (told) outsideMoments(() => [...told].forEach((listener) => void tell(listener, data)));
    },
    subscribe(subject, listener) {
      // Its own, so that the same function can listen twice and stop once.
      const mine: Listener = (data) => listener(data);
      const told = listeners.get(subject) ?? new Set();
      listeners.set(subject, told.add(mine));
      const quiet = () => {
        told.delete(mine);
        if (told.size === 0 && listeners.get(subject) === told) listeners.delete(subject);
      };
      return Object.assign(quiet, { ready: AT_ONCE });
    },
  };
}
