// `install` and `uninstall`: this system starts the program at login, or not any more. What was done is said.
import { homedir, userInfo } from "node:os";
import { join } from "node:path";
import { pairedIdentity } from "../../../mac-node/program/identity.ts";
import {
  type Done,
  install as installService,
  lingers,
  serviceFor,
  serviceRunner,
  uninstall as uninstallService,
} from "../../../mac-node/program/install/install.ts";
import {
  NODE_FLAGS,
  type ServiceSettings,
  type SystemService,
} from "../../../mac-node/program/install/service.ts";
import { holderOf } from "../../../mac-node/program/lock.ts";
import { quotedForShell } from "../../terminal/quoted-for-shell.ts";
import type { ExitCode, Room } from "../room.ts";

/** @throws NodeProblem `not_paired`, `folder` */
export async function install(room: Room, prints: boolean): Promise<ExitCode> {
  const { folder, texts, say, note } = room;
  const words = texts.node;
  const settings = settingsOf(room);
  const service = serviceFor(process.platform, settings);
  if (!service) return noService(room);
  const run = serviceRunner(settings.userId);
  if (prints) {
    say(words.wouldWrite(service.path));
    say(service.text);
    for (const { argv } of service.install) say(words.wouldRun(shell(argv)));
    return 0;
  }
  pairedIdentity(folder);
  const pid = await holderOf(folder);
  // One of the service itself is replaced; one that a person has started would keep it out.
  if (pid !== undefined && (await run(service.check)).code !== 0) {
    note(words.stopFirst(pid));
    return 1;
  }
  const done = await installService(service, folder, run);
  say(words.wrote(service.path));
  if (!tellRan(room, done)) return 1;
  say(words.installed);
  if ((await lingers(process.platform, settings, run)) === false) say(words.linger(settings.userName));
  return 0;
}

/** @throws NodeProblem `folder` */
export async function uninstall(room: Room, prints: boolean): Promise<ExitCode> {
  const { texts, say, note } = room;
  const words = texts.node;
  const settings = settingsOf(room);
  const service = serviceFor(process.platform, settings);
  if (!service) return noService(room);
  if (prints) {
    for (const { argv } of allOf(service)) say(words.wouldRun(shell(argv)));
    return 0;
  }
  const done = await uninstallService(service, serviceRunner(settings.userId));
  if (!done) {
    note(words.notInstalled);
    return 0;
  }
  say(words.removed(service.path));
  if (!tellRan(room, done)) return 1;
  say(words.uninstalled);
  return 0;
}

const allOf = ({ uninstall: first, path, afterwards }: SystemService) => [
  ...first,
  { argv: ["rm", path] },
  ...afterwards,
];

function noService({ texts, note }: Room): ExitCode {
  note(texts.node.noService);
  return 1;
}

/** @returns whether all of it worked */
function tellRan({ texts: { node }, say, note }: Room, { ran, failed }: Done): boolean {
  for (const argv of ran) say(node.ran(shell(argv)));
  if (failed) note(node.commandFailed(shell(failed.argv), failed.said));
  return failed === undefined;
}

const shell = (argv: string[]) => argv.map(quotedForShell).join(" ");

function settingsOf({ folder }: Room): ServiceSettings {
  const { uid, username } = userInfo();
  const [, program = ""] = process.argv;
  // As `npm run node` does. In the package there is no TypeScript that the kept code would spare.
  const early = program.endsWith(".ts") ? ["-r", join(import.meta.dirname, "..", "take-code-cache.cjs")] : [];
  return {
    ...{ folder, userId: uid, userName: username },
    userHome: homedir(),
    executable: process.execPath,
    flags: [...NODE_FLAGS, ...early],
    program,
  };
}
