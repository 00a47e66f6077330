// `leave`: ends the pairing here and on the server.
import { rmSync } from "node:fs";
import { pairedIdentity } from "../../../mac-node/program/identity.ts";
import { leave as leaveServer } from "../../../mac-node/program/leave.ts";
import { holderOf } from "../../../mac-node/program/lock.ts";
import { SecretStore } from "../../../mac-node/secrets/secret-store.ts";
import { confirm } from "../../user/confirm.ts";
import type { NodeArguments } from "../arguments.ts";
import type { ExitCode, Room } from "../room.ts";
import { wordsOf } from "../words.ts";

type Wanted = Extract<NodeArguments, { command: "leave" }>;

/** @throws NodeProblem `not_paired` */
export async function leave({ folder, ask, texts, say, note }: Room, wanted: Wanted): Promise<ExitCode> {
  const words = texts.node;
  const { server } = pairedIdentity(folder);
  const pid = await holderOf(folder);
  if (pid !== undefined) {
    note(words.stopFirst(pid));
    return 1;
  }
  if (!wanted.yes && !(await confirm(words.confirmLeave(server), "y", texts))) {
    note(words.notDone);
    return 1;
  }
  const { untold } = await leaveServer(folder, ask);
  if (untold) note(words.leftUntold(server, wordsOf(untold, texts)));
  else say(words.left(server));
  if (!wanted.purges) say(words.kept(folder.path));
  else {
    const secrets = new SecretStore(folder.secrets);
    for (const { name } of secrets.list()) await secrets.remove(name);
    rmSync(folder.path, { recursive: true, force: true });
    say(words.purged(folder.path));
  }
  return 0;
}
