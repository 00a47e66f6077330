// `freeze` and `thaw`: whoever serves looks at the file that they make and remove.
import { freeze as freezeAt, thaw as thawAt } from "../../../mac-node/program/freeze.ts";
import type { ExitCode, Room } from "../room.ts";

/** @throws NodeProblem `folder` */
export function freeze({ folder, texts: { node }, say }: Room): ExitCode {
  say(freezeAt(folder.frozen) ? node.frozenNow : node.frozenAlready);
  return 0;
}

export function thaw({ folder, texts: { node }, say }: Room): ExitCode {
  say(thawAt(folder.frozen) ? node.thawed : node.notFrozen);
  return 0;
}
