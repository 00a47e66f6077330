// A part of a Mac's own record of its calls, asked of the Mac while it is connected.
import type { ServiceBroker } from "moleculer";
import type { z } from "zod";
import type { Caller } from "../../contracts/access.ts";
import type { ChainPart, chainParams } from "../../contracts/node-chain.ts";
import { isAdmin } from "../../lib/broker/authorization.ts";
import { AppError } from "../../lib/errors.ts";
import { type Machines, usableNodes } from "./machines/machines.ts";

/** @throws node_not_found for whoever is neither its owner nor an admin; node_offline */
export async function readChain(
  { broker, machines }: { broker: ServiceBroker; machines: Machines },
  caller: Caller,
  { id, from, limit }: z.output<typeof chainParams>,
): Promise<ChainPart> {
  if (!isAdmin(caller)) {
    const [node] = await usableNodes(broker, caller, { node_id: id });
    if (!node?.is_own) throw new AppError("node_not_found", `You have no node "${id}".`);
  }
  const machine = await machines.of(id);
  if (!machine) throw new AppError("node_offline", `"${id}" is not connected.`);
  return machine.chain(from, limit);
}
