// An admin removes a server that was added over the API, with what was accepted of it.
import type { Caller } from "../../contracts/access.ts";
import { EVERYWHERE } from "../../contracts/mcp.ts";
import { AppError } from "../../lib/errors.ts";
import type { Rooms } from "./added.ts";
import { auditMcp } from "./audit-mcp.ts";
import { askMachines } from "./machines.ts";
import { unpin } from "./pins.ts";

/** @throws not_found; conflict for one of a machine's `mcp.json` */
export async function removeServer(rooms: Rooms, caller: Caller, name: string): Promise<void> {
  const { broker, sql } = rooms;
  const isThere = await sql.transaction().execute(async (transaction) => {
    const { numDeletedRows } = await transaction
      .deleteFrom("mcp_servers")
      .where("name", "=", name)
      .executeTakeFirst();
    await unpin(transaction, { place: EVERYWHERE, name });
    return numDeletedRows > 0n;
  });
  const machines = await askMachines(broker, caller, isThere);
  if (isThere) return auditMcp(rooms, caller, "removed", { name });
  if (machines.some(({ said }) => said?.servers.some((one) => one.name === name)))
    throw new AppError("conflict", `"${name}" stands in mcp.json of a machine: remove it there.`);
  throw new AppError("not_found", `There is no MCP server "${name}".`);
}
