// Open ports with the processes that hold them, on Linux and on macOS: what open_ports shows.
import type { ToolContext } from "../../../../contracts/tools.ts";
import { listProcesses } from "../../system/machine/processes.ts";
import { readLinuxSockets } from "./linux-sockets.ts";
import { readMacSockets } from "./mac-sockets.ts";
import type { OpenSocket } from "./open-socket.ts";

export type OpenPort = Omit<OpenSocket, "pids"> & {
  processes: { pid: number; user: string | null; command: string | null }[];
};

/** More are on no machine that somebody works at. */
const MOST_PORTS = 1_000;
/** Workers that share a socket. */
const MOST_PROCESSES = 20;

/** By port; one entry for sockets that share address and port. */
export async function describePorts(
  context: Pick<ToolContext, "run" | "signal">,
  platform: NodeJS.Platform = process.platform,
): Promise<{ ports: OpenPort[]; ports_left_out: number }> {
  const sockets = await (platform === "darwin" ? readMacSockets(context) : readLinuxSockets(context.signal));
  const known = new Map((await listProcesses(context, platform)).map((row) => [row.pid, row]));
  const byPlace = Map.groupBy(sockets, ({ protocol, address, port }) => `${protocol} ${address} ${port}`);
  const ports = [...byPlace.values()].flatMap(([first, ...others]): OpenPort[] => {
    if (!first) return [];
    const pids = new Set([first, ...others].flatMap((socket) => socket.pids));
    const processes = [...pids].slice(0, MOST_PROCESSES).map((pid) => {
      const row = known.get(pid);
      return { pid, user: row?.user ?? null, command: row?.command ?? null };
    });
    const { protocol, address, port } = first;
    return [{ protocol, address, port, processes }];
  });
  const sorted = ports.toSorted(
    (one, other) => one.port - other.port || (one.protocol < other.protocol ? -1 : 1),
  );
  return { ports: sorted.slice(0, MOST_PORTS), ports_left_out: Math.max(0, sorted.length - MOST_PORTS) };
}
