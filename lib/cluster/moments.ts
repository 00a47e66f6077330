// Moments where the stores have no common transaction: each operation is durable when it answers, and whoever repeats a moment after
// a crash begins at its first (docs/decisions/2026-11-28-moments-as-tables.md).
import type { Moments } from "../ports/moments.ts";

export const clusterMoments: Moments = { run: (operations) => operations() };
