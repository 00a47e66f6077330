// The time as it goes on, for what is told relative to it; stands still while nobody can see the page.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { isVisible } from "../store/visible.ts";

/** Epoch milliseconds. */
export function useNow(everyMs: number): number {
  const now = useSignal(Date.now());
  useEvery(everyMs, () => {
    now.value = Date.now();
  });
  return now.value;
}

/** Does something from time to time while the page can be seen, and at once when it can be seen again. */
export function useEvery(everyMs: number, act: () => void): void {
  const latest = useRef(act);
  latest.current = act;
  const visible = isVisible.value;
  const wasHidden = useRef(!visible);
  useEffect(() => {
    if (!visible) {
      wasHidden.current = true;
      return;
    }
    if (wasHidden.current) latest.current();
    wasHidden.current = false;
    const timer = setInterval(() => latest.current(), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, visible]);
}
