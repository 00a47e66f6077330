// Who listens on a TCP port, with certainty: a process that is named here is ended. Used by end-listeners.ts.
import type { ToolContext } from "../../../../contracts/tools.ts";
import { AppError } from "../../../../lib/errors.ts";
import { readLinuxSockets } from "../../network/machine/linux-sockets.ts";
import { readMacSockets } from "../../network/machine/mac-sockets.ts";

export type Listeners = {
  pids: number[];
  /** Somebody listens whom the system does not show to this user. */
  hasUnseen: boolean;
};

const LSOF_TIMEOUT_MS = 15_000;

/** @throws AppError `internal` when the system's programs fail */
export async function listenersOn(
  port: number,
  context: Pick<ToolContext, "run" | "signal">,
  platform: NodeJS.Platform,
): Promise<Listeners> {
  if (platform === "darwin") return macListeners(port, context);
  const sockets = await readLinuxSockets(
    context.signal,
    (socket) => socket.protocol === "tcp" && socket.port === port,
  );
  return {
    pids: [...new Set(sockets.flatMap(({ pids }) => pids))],
    hasUnseen: sockets.some(({ pids }) => pids.length === 0),
  };
}

/** netstat names the process that used a socket last, which may have ended since; lsof those that hold it. */
async function macListeners(port: number, context: Pick<ToolContext, "run">): Promise<Listeners> {
  const argv = ["/usr/sbin/lsof", "-nP", "-a", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fp"];
  const { exit_code, stdout } = await context.run(argv, { timeoutMs: LSOF_TIMEOUT_MS });
  // 1 is "nothing found" too.
  if (exit_code !== 0 && exit_code !== 1)
    throw new AppError("internal", "The command lsof did not tell who listens; try again.");
  const pids = parseLsofPids(stdout);
  if (pids.length > 0) return { pids, hasUnseen: false };
  const sockets = await readMacSockets(context);
  return { pids, hasUnseen: sockets.some((socket) => socket.protocol === "tcp" && socket.port === port) };
}

/** @param text of `lsof -Fp`: `p123` a line, and the descriptors of each */
export function parseLsofPids(text: string): number[] {
  return [...new Set([...text.matchAll(/^p(\d+)$/gm)].map(([, pid]) => Number(pid)))];
}
