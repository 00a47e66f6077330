// network_info: the network interfaces of this machine, their addresses and the way out.
import { networkInterfaces } from "node:os";
import { z } from "zod";
import { answer } from "../../../lib/tools/answer.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { readGateway } from "./machine/gateway.ts";

export default defineTool({
  name: "network_info",
  description: "Lists the network interfaces that are up, their addresses, and the default gateway.",
  category: "network",
  risk: "read",
  runsOn: "node",
  idempotent: true,
  parameters: z.strictObject({}),
  execute: (_args, context) =>
    answer(context, async () => ({
      interfaces: Object.entries(networkInterfaces()).map(([name, addresses = []]) => ({
        name,
        mac: addresses[0]?.mac ?? null,
        internal: addresses[0]?.internal ?? false,
        addresses: addresses.map(({ address, family, cidr }) => ({ address, family, cidr })),
      })),
      gateway: await readGateway(context),
    })),
});
