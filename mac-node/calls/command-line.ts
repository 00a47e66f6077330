// The command line a command really gets: wrapped in this platform's sandbox, or tied to the life of the server.
import { ToolFailure } from "../../lib/tools/tool-failure.ts";
import { bubblewrapCommand } from "../sandbox/bubblewrap.ts";
import type { SandboxState } from "../sandbox/probe.ts";
import { seatbeltCommand } from "../sandbox/seatbelt.ts";
import { isWithin, visiblePaths } from "../sandbox/visible-paths.ts";

export type Machine = {
  platform: NodeJS.Platform;
  sandbox: SandboxState;
  /** Argv that makes the next command die with this process; empty where the system has no such thing. */
  dieWithServer: string[];
  /** Real paths; never empty. */
  roots: string[];
  userHome: string;
};

export type CommandLine = {
  argv: string[];
  /** Where the process is started; a sandbox enters its own working directory. */
  cwd: string;
  home: string;
  /** The sandbox ends all its processes with the first one. */
  contained: boolean;
};

/** @throws ToolFailure `sandbox_unavailable` with the command that mends it */
export async function commandLine(
  machine: Machine,
  hidden: string[],
  command: { argv: string[]; cwd: string; sandbox: boolean },
): Promise<CommandLine> {
  const { platform, sandbox, dieWithServer, roots, userHome } = machine;
  const { argv, cwd } = command;
  if (!command.sandbox || sandbox.state === "off")
    return { argv: [...dieWithServer, ...argv], cwd, home: userHome, contained: false };
  if (sandbox.state === "unavailable") throw new ToolFailure("sandbox_unavailable", sandbox.problem);
  const paths = await visiblePaths({ roots, userHome, hidden });
  const home = roots.some((root) => isWithin(userHome, root)) ? userHome : "/tmp";
  return platform === "darwin"
    ? { argv: seatbeltCommand({ argv, paths }), cwd, home, contained: false }
    : { argv: bubblewrapCommand({ argv, cwd, paths }, sandbox.features), cwd: "/", home, contained: true };
}
