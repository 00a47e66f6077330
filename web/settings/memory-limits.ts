// Types of notes and their limits, as in contracts/memory.ts: that module brings its checks along, which a browser does not need.
import type { MEMORY_TYPES } from "../../contracts/memory.ts";

export const KINDS = [
  "preference",
  "fact",
  "episode",
  "task",
  "relation",
] as const satisfies typeof MEMORY_TYPES;
export const MAX_MEMORIES = 500;
export const MAX_MEMORY = 2_000;
