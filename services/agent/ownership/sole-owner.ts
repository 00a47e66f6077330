// Ownership in a process that is alone with its data folder: whoever else has owned a run is an earlier process, and gone.
import type { Owners } from "../context.ts";

export function soleOwner(me: string): Owners {
  return {
    isAlone: true,
    isHeld: () => true,
    isGone: (owner) => owner !== me,
    start: async () => undefined,
    stop: async () => undefined,
  };
}
