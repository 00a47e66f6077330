// What an admin has changed while the server ran, with its values before, into the cluster's bucket.
import { hashOf } from "../../lib/canonical-json.ts";
import type { EmbeddedExport } from "../../lib/embedded/export/open-export.ts";
import type { Progress } from "./progress.ts";
import { SETTINGS } from "./survey.ts";
import type { Target } from "./target.ts";

/** Safe to repeat: each value has an id of its own, and one that is there is not written again. */
export async function copySettings({ config }: EmbeddedExport, target: Target, progress: Progress) {
  const there = await target.config.history();
  const known = new Set(there.map(({ document }) => hashOf(document)));
  let revision = there[0]?.revision ?? 0;
  for (const { document } of (await config.history()).toReversed()) {
    if (!known.has(hashOf(document))) revision = await target.config.write(revision, document as object);
    progress.add(SETTINGS, 1);
  }
  progress.end(SETTINGS);
}
