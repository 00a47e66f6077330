// The machines of the core that host MCP servers: what they say of them.
import type { ServiceBroker } from "moleculer";
import type { Caller } from "../../contracts/access.ts";
import type { NodeId } from "../../contracts/ids.ts";
import type { HostedMcp } from "../../contracts/mcp.ts";
import { callAs, SYSTEM } from "../../lib/broker/action.ts";

export type AskedMachine = { id: NodeId; said: HostedMcp | undefined };

const ANSWER_MS = 10_000;

/**
 * @param caller an admin, whose all of them are
 * @param look whether they are to look anew at what they host
 * @returns each of those that are there; `said` is undefined of one that has not answered
 */
export async function askMachines(
  broker: ServiceBroker,
  caller: Caller,
  look: boolean,
): Promise<AskedMachine[]> {
  const nodes = await callAs(broker, "mcp", caller, "nodes.usable", {});
  return Promise.all(
    nodes.flatMap(({ id, way }) => {
      if (way?.kind !== "process") return [];
      const there = { nodeID: way.process, timeout: ANSWER_MS };
      return [
        callAs(broker, "mcp", SYSTEM, "node.mcp", { look }, there).then(
          (said): AskedMachine => ({ id, said }),
          (): AskedMachine => ({ id, said: undefined }),
        ),
      ];
    }),
  );
}
