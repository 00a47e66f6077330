// What this machine offers to commands, found out once at start: real roots, the sandbox, a way to die with the server.
import { execFile } from "node:child_process";
import { realpath } from "node:fs/promises";
import type { Machine } from "./calls/command-line.ts";
import { ControlGroups } from "./sandbox/control-groups.ts";
import { probeSandbox } from "./sandbox/probe.ts";

/** Sends KILL to the command when the process that started it is gone (util-linux; PR_SET_PDEATHSIG, Linux only). */
const DIE_WITH_SERVER = ["/usr/bin/setpriv", "--pdeathsig", "KILL", "--"];

/**
 * @param settings.missing told of each root that is not there; tools do not see it until the next start
 * @throws Error when none of the roots is there
 */
export async function openMachine(settings: {
  roots: string[];
  sandbox: "on" | "off";
  userHome: string;
  platform: NodeJS.Platform;
  missing?: (root: string) => void;
}): Promise<Machine> {
  const found = await Promise.all(settings.roots.map((root) => realpath(root).catch(() => undefined)));
  const roots = found.filter((root) => root !== undefined);
  for (const [index, root] of settings.roots.entries())
    if (found[index] === undefined) settings.missing?.(root);
  if (roots.length === 0)
    throw new Error(
      `None of the folders for tools is there: ${settings.roots.join(", ")}. Make one, or change TOOL_ROOTS.`,
    );
  const { platform, userHome } = settings;
  return {
    platform,
    sandbox: settings.sandbox === "off" ? { state: "off" } : await probeSandbox(platform),
    dieWithServer:
      platform === "linux" && (await starts([...DIE_WITH_SERVER, "/bin/true"])) ? DIE_WITH_SERVER : [],
    groups: platform === "linux" ? await ControlGroups.open() : new ControlGroups(),
    roots: [...new Set(roots)],
    userHome: await realpath(userHome).catch(() => userHome),
  };
}

function starts([program = "", ...args]: string[]): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(program, args, { env: {}, timeout: 10_000 }, (error) => resolve(error === null));
  });
}
