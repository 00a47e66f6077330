// Makes this system start the program at login, and takes that back.
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { ensureFolder } from "../../../lib/ensure-folder.ts";
import { reasonOfSystem } from "../../../lib/unusable.ts";
import { NodeProblem } from "../problem.ts";
import { programRunner, type RunProgram } from "../run-program.ts";
import { launchdService } from "./launchd.ts";
import type { ServiceCommand, ServiceSettings, SystemService } from "./service.ts";
import { lingerCommand, systemdService } from "./systemd.ts";

/** What was done; `failed`: the command that did not work, with what it said. */
export type Done = {
  service: SystemService;
  ran: string[][];
  failed: { argv: string[]; said: string } | undefined;
};

/** Undefined on a system that is neither. */
export function serviceFor(platform: NodeJS.Platform, settings: ServiceSettings): SystemService | undefined {
  if (platform === "darwin") return launchdService(settings);
  return platform === "linux" ? systemdService(settings) : undefined;
}

/** `systemctl --user` finds its manager by the folder of the user's session. */
export function serviceRunner(userId: number): RunProgram {
  return programRunner({ XDG_RUNTIME_DIR: `/run/user/${userId}` });
}

/** Again it brings what is there to what it is now. @throws NodeProblem `folder` */
export async function install(
  service: SystemService,
  folder: ServiceSettings["folder"],
  run: RunProgram,
): Promise<Done> {
  try {
    ensureFolder(folder.log);
    mkdirSync(dirname(service.path), { recursive: true });
    const temporary = `${service.path}.tmp`;
    writeFileSync(temporary, service.text, { mode: 0o644 });
    renameSync(temporary, service.path);
  } catch (thrown) {
    throw new NodeProblem({ kind: "folder", path: service.path, why: reasonOfSystem(thrown) });
  }
  return inOrder(service, service.install, run);
}

/** @returns undefined when it was not installed. @throws NodeProblem `folder` */
export async function uninstall(service: SystemService, run: RunProgram): Promise<Done | undefined> {
  if (!existsSync(service.path)) return undefined;
  const before = await inOrder(service, service.uninstall, run);
  try {
    rmSync(service.path, { force: true });
  } catch (thrown) {
    throw new NodeProblem({ kind: "folder", path: service.path, why: reasonOfSystem(thrown) });
  }
  const after = await inOrder(service, service.afterwards, run);
  return { ...after, ran: [...before.ran, ...after.ran] };
}

/** Whether what is installed on Linux also runs while nobody is logged in; undefined where that is no question. */
export async function lingers(platform: NodeJS.Platform, settings: ServiceSettings, run: RunProgram) {
  if (platform !== "linux") return undefined;
  const { code, stdout } = await run(lingerCommand(settings));
  return code === 0 ? stdout.trim() === "yes" : undefined;
}

async function inOrder(service: SystemService, commands: ServiceCommand[], run: RunProgram): Promise<Done> {
  const ran: string[][] = [];
  for (const { argv, mayFail } of commands) {
    ran.push(argv);
    const { code, stdout, stderr } = await run(argv);
    if (code === 0 || mayFail) continue;
    const said = (stderr.trim() || stdout.trim() || `exit code ${code}`).split("\n")[0] ?? "";
    return { service, ran, failed: { argv, said } };
  }
  return { service, ran, failed: undefined };
}
