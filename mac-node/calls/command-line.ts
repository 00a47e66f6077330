// The command line a command really gets: wrapped in this platform's sandbox, or tied to the life of the server.
import { ToolFailure } from "../../lib/tools/tool-failure.ts";
import { bubblewrapCommand } from "../sandbox/bubblewrap.ts";
import type { ControlGroups } from "../sandbox/control-groups.ts";
import { takeCovers } from "../sandbox/covers.ts";
import { kernelViews } from "../sandbox/kernel-views.ts";
import { openSockets } from "../sandbox/open-sockets.ts";
import type { SandboxState } from "../sandbox/probe.ts";
import { seatbeltCommand } from "../sandbox/seatbelt.ts";
import { seccompFilter } from "../sandbox/seccomp-filter.ts";
import { isWithin, visiblePaths } from "../sandbox/visible-paths.ts";
import type { Guarded } from "./guarded-now.ts";

export type Machine = {
  platform: NodeJS.Platform;
  sandbox: SandboxState;
  /** Argv that makes the next command die with this process; empty where the system has no such thing. */
  dieWithServer: string[];
  /** What bounds all processes of a sandboxed command together, where this machine has it. */
  groups: ControlGroups;
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
  /** The system calls it may make, for the sandbox to read. */
  filter?: Buffer | undefined;
  /** To be called when nothing of the command is left. */
  release(): Promise<void>;
};

const FILTER = seccompFilter(process.arch);
const NOTHING_TO_RELEASE = async () => {};

/** @throws ToolFailure `sandbox_unavailable` with the command that mends it */
export async function commandLine(
  machine: Machine,
  guarded: Guarded,
  command: { argv: string[]; cwd: string; sandbox: boolean },
): Promise<CommandLine> {
  const { platform, sandbox, dieWithServer, roots, userHome } = machine;
  const { argv, cwd } = command;
  const plain = { cwd, contained: false, release: NOTHING_TO_RELEASE };
  if (!command.sandbox || sandbox.state === "off")
    return { ...plain, argv: [...dieWithServer, ...argv], home: userHome };
  if (sandbox.state === "unavailable") throw new ToolFailure("sandbox_unavailable", sandbox.problem);
  const paths = await visiblePaths({ roots, userHome, ...guarded });
  const home = roots.some((root) => isWithin(userHome, root)) ? userHome : "/tmp";
  if (platform === "darwin") return { ...plain, argv: seatbeltCommand({ argv, paths }), home };
  const [group, sockets, views, uncover] = await Promise.all([
    machine.groups.make(),
    openSockets(roots),
    kernelViews(roots),
    takeCovers(paths.absent),
  ]);
  const seen = { ...paths, hidden: [...paths.hidden, ...sockets, ...views] };
  const sandboxed = { argv, cwd, paths: seen, isCounted: group?.isCounted ?? false };
  const wrapped = bubblewrapCommand(sandboxed, sandbox.features);
  return {
    // bwrap dies with the server too, but only from the moment when it has said so.
    argv: [...dieWithServer, ...(group?.wrap(wrapped) ?? wrapped)],
    cwd: "/",
    home,
    contained: true,
    filter: FILTER,
    async release() {
      await Promise.all([group?.remove(), uncover()]);
    },
  };
}
