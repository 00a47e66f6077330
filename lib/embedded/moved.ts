// The mark of a data folder whose contents were moved into a cluster: what would be written here from then on would be missing there,
// so that no server starts on it until somebody takes the mark away.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { writeSecretFile } from "../secret-file.ts";

const markPath = (home: string): string => join(home, "moved-to-cluster");

export const isMoved = (home: string): boolean => existsSync(markPath(home));

/** Safe to repeat. @param at ISO time */
export function markMoved(home: string, at: string): void {
  if (!isMoved(home)) writeSecretFile(markPath(home), `Moved to a cluster by npm run migrate at ${at}.`);
}

/** @throws Error in words when it was moved */
export function requireNotMoved(home: string): void {
  if (!isMoved(home)) return;
  throw new Error(
    `The data folder ${home} was moved to a cluster: what is done here now would be missing there. Start the cluster's processes, each with a folder of its own in MACJARVIS_HOME; or, to go on here without what the cluster has done since, remove ${markPath(home)}.`,
  );
}
